import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { spotsOf } from "./watched-spots.ts";

let dir = "";
beforeEach(async () => {
  dir = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), "portail-spots-")));
});
afterEach(() => fs.rm(dir, { recursive: true }));

test("a link that is replaced while it is looked at is looked at again", async () => {
  const [file, link] = [path.join(dir, "file"), path.join(dir, "link")];
  await fs.writeFile(file, "x");
  let isOver = false;
  const replace = async (): Promise<void> => {
    while (!isOver) {
      await fs.symlink(file, link);
      await fs.unlink(link);
    }
  };
  const replacing = replace();
  try {
    for (let at = 0; at < 3000; at += 1) for (const spot of await spotsOf(link)) expect(spot.directory).toBe(dir);
  } finally {
    isOver = true;
    await replacing;
  }
});
