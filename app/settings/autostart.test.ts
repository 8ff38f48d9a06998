import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { setAutostart } from "./autostart.ts";

let dir = "";
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-autostart-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

test("starting with the session is one file that comes and goes", () => {
  const folder = path.join(dir, "autostart");
  setAutostart(folder, ["/opt/Portail/portail", "--hidden"]);
  expect(fs.readFileSync(path.join(folder, "portail.desktop"), "utf8")).toContain('Exec="/opt/Portail/portail" "--hidden"\n');
  setAutostart(folder, undefined);
  expect(fs.readdirSync(folder)).toEqual([]);
  setAutostart(folder, undefined);
});

test("a path with a space, a dollar sign or a percent sign stays one word and is not expanded", () => {
  setAutostart(dir, ["/home/a b/$x/100%/portail"]);
  expect(fs.readFileSync(path.join(dir, "portail.desktop"), "utf8")).toContain('Exec="/home/a b/\\\\$x/100%%/portail"\n');
});
