import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogFile } from "./log-file.ts";

let dir = "";
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-log-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

test("what was said before a restart is still there, for nobody else to read", () => {
  const file = path.join(dir, "logs", "agent.log");
  createLogFile(file).add("first\n");
  createLogFile(file).add("second\n");
  expect(fs.readFileSync(file, "utf8")).toBe("first\nsecond\n");
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
});

test("it never grows beyond two files of a megabyte", () => {
  const file = path.join(dir, "agent.log");
  const log = createLogFile(file);
  for (let at = 0; at < 50; at++) log.add("x".repeat(100_000));
  expect(fs.readdirSync(dir).toSorted()).toEqual(["agent.log", "agent.log.1"]);
  expect(fs.statSync(file).size).toBeLessThan(1.2 * 1024 * 1024);
});

test("a place where nothing can be written stops nobody", () => {
  fs.writeFileSync(path.join(dir, "logs"), "a file where the folder should be");
  expect(() => createLogFile(path.join(dir, "logs", "agent.log")).add("lost\n")).not.toThrow();
});
