import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { build } from "vite";

test("the product's bundle holds nothing of the fake and needs no inline code", async () => {
  const outDir = await mkdtemp(join(tmpdir(), "portail-renderer-"));
  try {
    const root = fileURLToPath(new URL("../../renderer", import.meta.url));
    await build({ root, configFile: `${root}/vite.config.ts`, logLevel: "warn", build: { outDir } });
    const names = await readdir(outDir, { recursive: true });
    const scripts = names.filter((name) => name.endsWith(".js"));
    expect(scripts.length).toBeGreaterThan(0);
    for (const name of scripts) {
      const text = await readFile(join(outDir, name), "utf8");
      expect(text).not.toContain("meridian.example");
      expect(text).not.toContain("createFakeBridge");
    }
    const page = await readFile(join(outDir, "index.html"), "utf8");
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
    expect(page).toContain('src="./assets/');
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
});
