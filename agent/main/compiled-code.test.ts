import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepCompiledCode } from "./compiled-code.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "portail-compiled-"));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

test("no place is made before the agent has decided to", () => {
  keepCompiledCode(join(parent, "state"), "1.0");
  expect(existsSync(join(parent, "state"))).toBe(false);
});

test.each(["state", "compiled"])("nothing is kept, and nothing thrown, when others may write to %s", (open) => {
  const stateDir = join(parent, "state");
  mkdirSync(join(stateDir, "compiled"), { recursive: true, mode: 0o700 });
  chmodSync(open === "state" ? stateDir : join(stateDir, "compiled"), 0o777);
  keepCompiledCode(stateDir, "1.0");
  expect(existsSync(join(stateDir, "compiled/1.0"))).toBe(false);
  expect(getCompileCacheDir()).toBeUndefined();
});

test("a link to another place is not followed", () => {
  const stateDir = join(parent, "state");
  mkdirSync(stateDir, { mode: 0o700 });
  mkdirSync(join(parent, "elsewhere"), { mode: 0o700 });
  symlinkSync(join(parent, "elsewhere"), join(stateDir, "compiled"));
  keepCompiledCode(stateDir, "1.0");
  expect(getCompileCacheDir()).toBeUndefined();
});

test("what an older version kept is forgotten, and the place is ours alone", () => {
  const stateDir = join(parent, "state");
  mkdirSync(join(stateDir, "compiled/0.9"), { recursive: true, mode: 0o700 });
  keepCompiledCode(stateDir, "1.0");
  expect(existsSync(join(stateDir, "compiled/0.9"))).toBe(false);
  expect(statSync(join(stateDir, "compiled")).mode & 0o777).toBe(0o700);
  expect(getCompileCacheDir()).toContain(join(stateDir, "compiled/1.0"));
});
