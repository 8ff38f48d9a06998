import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFileStore } from "../file-store.ts";
import { promiseKeyStore } from "../key-store.suite.ts";
import type { AskPin, PinQuestion } from "../person.ts";
import { ecP256, makePki, makeRoom, type Pki, rsa2048 } from "../pki.suite.ts";
import { readPkcs12, WrongPassword } from "./pkcs12.ts";

const room = makeRoom();
let pki: Pki;
beforeAll(() => {
  pki = makePki(room.dir);
});
afterAll(() => room.remove());

const password = "pässword 12";
const at = (name: string) => path.join(room.dir, name);
const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { stdio: "pipe" });

/** A container by the openssl program, with the authority of devices in it. */
function pack(name: string, how: readonly string[] = [], newKey = ecP256): string {
  const { cert, key } = pki.makeDevice(name, newKey);
  for (const [file, text] of [
    ["pair.pem", cert],
    ["pair.key", key],
    ["word", password],
  ] as const)
    fs.writeFileSync(at(file), text);
  const files = ["-in", at("pair.pem"), "-inkey", at("pair.key"), "-certfile", at("devices.pem"), "-out", at(`${name}.p12`)];
  openssl("pkcs12", "-export", ...how, ...files, "-passout", `file:${at("word")}`);
  return at(`${name}.p12`);
}

function open(p12Path: string, words: readonly (string | undefined)[] = [password]) {
  const questions: PinQuestion[] = [];
  const askPin: AskPin = (question) => {
    const word = words[Math.min(questions.length, words.length - 1)];
    questions.push(question);
    return Promise.resolve(word === undefined ? undefined : Buffer.from(word));
  };
  return { store: createFileStore({ name: "box", files: { p12Path }, askPin }), questions };
}

describe.each([
  ["EC", ecP256, "ec"],
  ["RSA", rsa2048, "rsa"],
] as const)("a PKCS#12 container with a key of %s", (name, newKey, type) => {
  promiseKeyStore(() => Promise.resolve({ type, store: open(pack(`box-${name}`, [], newKey)).store }));
});

describe("a PKCS#12 container", () => {
  it.each([
    ["3DES throughout", ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]],
    ["AES with 128 bits", ["-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC"]],
    ["SHA-512 in its seal", ["-macalg", "sha512"]],
    ["certificates in clear", ["-certpbe", "NONE"]],
  ])("is read with %s", async (_name, how) => {
    const { store } = open(pack("kinds", how));
    expect((await store.open()).chain.map(({ subject }) => subject)).toEqual(["CN=kinds"]);
  });

  it("that is protected with RC2 is refused with the command that converts it", async () => {
    const { store, questions } = open(pack("old", ["-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES"]));
    await expect(store.open()).rejects.toThrow(/openssl pkcs12 -legacy -in .*old\.p12/);
    expect(questions).toHaveLength(1);
  });

  it("asks again for a wrong password, three times at most", async () => {
    const { store, questions } = open(pack("asked"), ["wrong", "wrong", password]);
    await store.open();
    expect(questions.map(({ why }) => why)).toEqual(["needed", "wrong", "wrong"]);
    const hopeless = open(pack("asked"), ["wrong"]);
    await expect(hopeless.store.open()).rejects.toMatchObject({ code: "IDENTITY_PIN" });
    expect(hopeless.questions).toHaveLength(3);
  });

  it("that is broken later leaves the key that was good in use", async () => {
    const file = pack("lasting");
    const { store } = open(file);
    const before = await store.open();
    fs.writeFileSync(file, "no container");
    expect((await store.open()).chain[0].fingerprint256).toBe(before.chain[0].fingerprint256);
    fs.rmSync(file);
    expect((await store.open()).chain[0].fingerprint256).toBe(before.chain[0].fingerprint256);
    await store.forget();
    await expect(store.open()).rejects.toMatchObject({ code: "IDENTITY_KEY" });
  });

  it("whose bytes were changed anywhere is never taken for the same", () => {
    const file = fs.readFileSync(pack("flipped"));
    const whole = readPkcs12(file, Buffer.from(password)).certificates.map(({ fingerprint256 }) => fingerprint256);
    for (let bit = 0; bit < 60; bit += 1) {
      const changed = Buffer.from(file);
      const place = Math.floor((file.length * bit) / 60);
      changed[place] = (changed[place] ?? 0) ^ (1 << (bit % 8));
      let found: readonly string[] = whole;
      try {
        found = readPkcs12(changed, Buffer.from(password)).certificates.map(({ fingerprint256 }) => fingerprint256);
      } catch {
        continue;
      }
      expect(found).toEqual(whole);
    }
    expect(() => readPkcs12(file, Buffer.from("wrong"))).toThrow(WrongPassword);
  });
});
