import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { placesOf } from "./places.ts";

let runtime = "";
beforeEach(async () => {
  runtime = await mkdtemp(join(tmpdir(), "portail-run-"));
  await chmod(runtime, 0o700);
});
afterEach(async () => {
  await rm(runtime, { recursive: true });
});

const linux = { platform: "linux", home: "/home/alice" } as const;

test("Linux follows the XDG directories, and their defaults", () => {
  expect(placesOf({ ...linux, env: {} })).toEqual({
    stateDir: "/home/alice/.local/state/portail",
    runtimeDir: "/home/alice/.local/state/portail",
    controlSocketPath: "/home/alice/.local/state/portail/control.sock",
    configPath: "/home/alice/.config/portail/portail.yaml",
  });
  const env = { XDG_STATE_HOME: "/s", XDG_CONFIG_HOME: "/c", XDG_RUNTIME_DIR: runtime };
  expect(placesOf({ ...linux, env })).toEqual({
    stateDir: "/s/portail",
    runtimeDir: join(runtime, "portail"),
    controlSocketPath: join(runtime, "portail/control.sock"),
    configPath: "/c/portail/portail.yaml",
  });
});

test("relative and empty directories in the environment are ignored", () => {
  const env = { XDG_STATE_HOME: "s", XDG_CONFIG_HOME: "", XDG_RUNTIME_DIR: "run", PORTAIL_STATE_DIR: "" };
  expect(placesOf({ ...linux, env })).toEqual(placesOf({ ...linux, env: {} }));
});

test("a named state directory keeps its socket inside, so that agent and command line meet whatever else their environment holds", () => {
  const named = placesOf({ ...linux, stateDir: "/srv/state", env: { XDG_RUNTIME_DIR: runtime } });
  expect(named).toEqual(placesOf({ ...linux, env: { PORTAIL_STATE_DIR: "/srv/state" } }));
  expect(named.controlSocketPath).toBe("/srv/state/control.sock");
});

test("the option is stronger than the environment", () => {
  expect(placesOf({ ...linux, stateDir: "/a", env: { PORTAIL_STATE_DIR: "/b" } }).stateDir).toBe("/a");
});

test("a path that is too long for a socket gets one in the runtime directory, each its own", () => {
  const deep = `/x/${"y".repeat(120)}`;
  const env = { XDG_RUNTIME_DIR: runtime };
  const first = placesOf({ ...linux, stateDir: `${deep}1`, env }).controlSocketPath;
  const second = placesOf({ ...linux, stateDir: `${deep}2`, env }).controlSocketPath;
  expect(first.startsWith(`${runtime}/portail-`)).toBe(true);
  expect(first).not.toBe(second);
  expect(Buffer.byteLength(first)).toBeLessThan(104);
});

test("a runtime directory that others may enter is as good as none", async () => {
  await chmod(runtime, 0o755);
  expect(placesOf({ ...linux, env: { XDG_RUNTIME_DIR: runtime } })).toEqual(placesOf({ ...linux, env: {} }));
});

test("macOS and Windows have their own places; Windows a pipe of its own for each state directory", () => {
  const mac = placesOf({ platform: "darwin", home: "/Users/alice", env: {} });
  expect(mac.stateDir).toBe("/Users/alice/Library/Application Support/Portail");
  const pipes = ["/a", "/b"].map((stateDir) => placesOf({ platform: "win32", home: "/home/alice", env: {}, stateDir }).controlSocketPath);
  expect(pipes[0]).toMatch(/^\\\\\.\\pipe\\portail-[0-9a-f]{12}$/);
  expect(pipes[0]).not.toBe(pipes[1]);
});
