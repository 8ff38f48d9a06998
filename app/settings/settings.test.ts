import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defaultAppSettings } from "../bridge/index.ts";
import { createSettings } from "./index.ts";

let dir = "";
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-settings-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

test("what was set is there after a restart, and nothing else changed", () => {
  const file = path.join(dir, "deep", "settings.json");
  createSettings(file).set({ theme: "dark" });
  expect(createSettings(file).get()).toEqual({ ...defaultAppSettings, theme: "dark" });
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
});

test("a broken file counts as absent and is kept aside", () => {
  const file = path.join(dir, "settings.json");
  fs.writeFileSync(file, '{"theme":"no such theme"}');
  expect(createSettings(file).get()).toEqual(defaultAppSettings);
  expect(fs.existsSync(`${file}.broken`)).toBe(true);
});
