import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFileAtomically } from "./atomic-file.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "portail-file-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

test("a file is replaced as a whole, is its owner's alone, and leaves no draft", async () => {
  const path = join(directory, "f");
  await writeFileAtomically(path, "old");
  await writeFileAtomically(path, "new");
  expect(await readFile(path, "utf8")).toBe("new");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(["f"]);
});

test("a write that fails leaves the old content and no draft", async () => {
  const path = join(directory, "f");
  await writeFile(path, "old");
  await rm(join(directory, "d"), { force: true, recursive: true });
  await expect(writeFileAtomically(join(directory, "d", "f"), "new")).rejects.toThrow("ENOENT");
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(directory)).toEqual(["f"]);
});

test("a link is replaced, not followed", async () => {
  const target = join(directory, "target");
  await writeFile(target, "theirs");
  await symlink(target, join(directory, "f"));
  await writeFileAtomically(join(directory, "f"), "ours");
  expect(await readFile(target, "utf8")).toBe("theirs");
});
