import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { requestFromFile } from "./make-request.ts";

let dir = "";
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-request-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

const owner = { name: "laptop", askPin: () => Promise.resolve(undefined) };
const wish = { algorithm: "ec-p256", wanted: { commonName: "laptop", names: [] } } as const;

test("a renewal makes no key where there is none, and says how to begin", async () => {
  const keyPath = path.join(dir, "laptop.key");
  await expect(requestFromFile(keyPath, owner, { ...wish, onlyExisting: true })).rejects.toThrow("`portail identity enroll laptop`");
  expect(fs.readdirSync(dir)).toEqual([]);
});

test("a first request makes a key that only its owner can read, and a second one uses it", async () => {
  const keyPath = path.join(dir, "laptop.key");
  const first = await requestFromFile(keyPath, owner, wish);
  const second = await requestFromFile(keyPath, owner, { ...wish, onlyExisting: true });
  expect([first.isNewKey, second.isNewKey, second.publicKey.equals(first.publicKey)]).toEqual([true, false, true]);
  expect(fs.statSync(keyPath).mode & 0o777).toBe(0o600);
});
