import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ownUid } from "./channel-rig.suite.ts";
import { controlEndpoints } from "./endpoint.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "p-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const places = (stateDir: string, more: object = {}) =>
  controlEndpoints({ stateDir, platform: "linux", uid: ownUid, ...more }).map((endpoint) => endpoint.path);

it("the socket lives in the state directory, or better in the session's runtime directory", () => {
  expect(places(home)).toEqual([join(home, "run/control.sock")]);
  const runtimeDir = join(home, "runtime");
  mkdirSync(runtimeDir);
  expect(places(home, { runtimeDir })).toEqual([
    expect.stringMatching(/runtime\/portail-[0-9a-f]{12}\/control\.sock$/),
    join(home, "run/control.sock"),
  ]);
});

it("a runtime directory that is gone, relative or another user's is not used", () => {
  expect(places(home, { runtimeDir: "/nonexistent" })).toHaveLength(1);
  expect(places(home, { runtimeDir: "relative" })).toHaveLength(1);
  expect(places(home, { runtimeDir: home, uid: ownUid + 1 })).toHaveLength(1);
});

it("two spellings of one state directory lead to one socket, two state directories to two", () => {
  const link = join(home, "link");
  const real = join(home, "real");
  mkdirSync(real);
  symlinkSync(real, link);
  expect(places(link)).toEqual(places(`${real}/`));
  expect(places(real, { runtimeDir: home })[0]).not.toBe(places(home, { runtimeDir: home })[0]);
});

it("a state directory too deep for a socket path gets a short place of its own", () => {
  const [path, ...others] = places(`/${"deep/".repeat(40)}`);
  expect(others).toEqual([]);
  expect(path).toMatch(new RegExp(`^/tmp/portail-[0-9a-f]{12}-${ownUid}/control\\.sock$`));
});

it("on Windows it is a pipe named after the state directory", () => {
  expect(places("C:\\state", { platform: "win32" })).toEqual([expect.stringMatching(/^\\\\\.\\pipe\\portail-[0-9a-f]{12}$/)]);
});
