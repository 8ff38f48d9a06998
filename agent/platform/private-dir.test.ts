import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensurePrivateDir } from "./private-dir.ts";

let home = "";
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "portail-home-"));
});
afterEach(async () => {
  await rm(home, { recursive: true });
});

const refusalOf = (path: string): unknown => {
  try {
    ensurePrivateDir(path);
    return undefined;
  } catch (cause) {
    return cause;
  }
};

test("a directory is made private, with its parents, whatever the umask; a second call finds it good", async () => {
  const path = join(home, "a", "b", "state");
  const umask = process.umask(0);
  try {
    ensurePrivateDir(path);
    ensurePrivateDir(path);
  } finally {
    process.umask(umask);
  }
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  expect((await stat(join(home, "a"))).mode & 0o777).toBe(0o700);
});

test("a directory that others may enter is refused with the command that mends it, and is not tightened", async () => {
  const path = join(home, "state");
  await mkdir(path);
  for (const mode of [0o755, 0o701, 0o770]) {
    await chmod(path, mode);
    expect(refusalOf(path)).toMatchObject({ code: "AGENT_STATE_DIR", detail: expect.stringContaining(`chmod 700 '${path}'`) as string });
    expect((await stat(path)).mode & 0o777).toBe(mode);
  }
});

test("a link, a file, and a place below a file are refused", async () => {
  await mkdir(join(home, "real"), { mode: 0o700 });
  await symlink(join(home, "real"), join(home, "link"));
  await writeFile(join(home, "file"), "");
  for (const path of ["link", "file", "file/state"]) expect(refusalOf(join(home, path))).toMatchObject({ code: "AGENT_STATE_DIR" });
});

test("a parent in which everybody may replace things is refused", async () => {
  const parent = join(home, "open");
  await mkdir(join(parent, "state"), { recursive: true, mode: 0o700 });
  await chmod(parent, 0o777);
  expect(refusalOf(join(parent, "state"))).toMatchObject({ code: "AGENT_STATE_DIR" });
  await chmod(parent, 0o1777);
  expect(refusalOf(join(parent, "state"))).toBeUndefined();
});

test("a directory of another user is refused", async ({ skip }) => {
  if (process.getuid?.() !== 0) skip("needs root to give a directory away");
  const path = join(home, "state");
  ensurePrivateDir(path);
  await chown(path, 12_345, 12_345);
  expect(refusalOf(path)).toMatchObject({ code: "AGENT_STATE_DIR" });
  await chown(path, 0, 0);
  await chown(home, 12_345, 12_345);
  expect(refusalOf(path)).toMatchObject({ code: "AGENT_STATE_DIR" });
});
