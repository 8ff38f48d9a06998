import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { X509Certificate } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createAuthority } from "../testing/index.ts";
import { systemClock as clock } from "./system-clock.ts";
import { VerifyPlugins } from "./verify-plugins.ts";

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const server = { serverName: "gw.test", host: "127.0.0.1", port: 443 };

let dir: string;
let peer: X509Certificate;
let plugins: VerifyPlugins;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-plugins-"));
  peer = new X509Certificate(fs.readFileSync(createAuthority(dir).issue("gw", { names: ["DNS:gw.test"] }).cert));
  plugins = new VerifyPlugins({ clock, logger });
});
afterEach(() => plugins.close());
afterAll(() => fs.rmSync(dir, { recursive: true }));

const judge = (body: string, who = server) =>
  plugins.judge({ path: "/check.mjs", text: `export default (server) => { ${body} }` }, who)(peer);

test("an answer holds for a while, for this script, this name and this certificate alone", async () => {
  const random = "return String(Math.random())";
  const first = await judge(random);
  expect(await judge(random)).toBe(first);
  expect(await judge(random, { ...server, serverName: "other.test" })).not.toBe(first);
  expect(await judge(`/* renewed */ ${random}`)).not.toBe(first);
});

test("everything that is not a plain yes is a no with words", async () => {
  expect(await judge("return true")).toBeUndefined();
  expect(await judge("return false")).toBe("/check.mjs refused it");
  expect(await judge("return ''")).toBe("/check.mjs refused it without a word");
  expect(await judge("return 'a\\nb\\u2028c' + 'x'.repeat(1000)")).toMatch(/^a b cx{295}$/);
  for (const value of ["1", "'true' && {}", "undefined", "[true]", "null"])
    expect(await judge(`return ${value}`)).toBe("/check.mjs answered neither true, false nor a text");
  expect(await judge("throw new Error('a\\nb')")).toBe("/check.mjs failed: a b");
});

test("many who come at once ask once", async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => judge("return 'many ' + Math.random()")));
  expect(new Set(answers).size).toBe(1);
});
