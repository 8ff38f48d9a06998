import { createPrivateKey } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFileStore } from "./file-store.ts";
import { promiseKeyStore } from "./key-store.suite.ts";
import type { AskPin, PinQuestion } from "./person.ts";
import { ecP256, ecP384, makePki, makeRoom, type Pki, rsa2048 } from "./pki.suite.ts";

const room = makeRoom();
let pki: Pki;
beforeAll(() => {
  pki = makePki(room.dir);
});
afterAll(() => room.remove());

const nobody: AskPin = () => Promise.reject(new Error("nobody is to be asked"));
const password = "correct horse";

function write(name: string, { cert, key }: { readonly cert: string; readonly key: string }, askPin: AskPin = nobody) {
  const [certPath, keyPath] = [path.join(room.dir, `${name}-cert.pem`), path.join(room.dir, `${name}-key.pem`)];
  fs.writeFileSync(certPath, cert);
  fs.writeFileSync(keyPath, key);
  return { name, files: { certPath, keyPath }, askPin };
}

const locked = (key: string) =>
  createPrivateKey(key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: password }).toString();

describe.each([
  ["P-256", ecP256, "ec"],
  ["P-384", ecP384, "ec"],
  ["RSA", rsa2048, "rsa"],
] as const)("a file with a key of %s", (name, newKey, type) => {
  promiseKeyStore(() => Promise.resolve({ type, store: createFileStore(write(name, pki.makeDevice(name, newKey))) }));
});

describe("a file with an encrypted key", () => {
  promiseKeyStore(() => {
    const { cert, key } = pki.makeDevice("locked", ecP256);
    const store = createFileStore(write("locked", { cert, key: locked(key) }, () => Promise.resolve(Buffer.from(password))));
    return Promise.resolve({ type: "ec", store });
  });

  it("is asked for again while the password is wrong, and the answers are wiped", async () => {
    const { cert, key } = pki.makeDevice("asked", ecP256);
    const questions: PinQuestion[] = [];
    const answers: Buffer[] = [];
    const askPin: AskPin = (question) => {
      questions.push(question);
      answers.push(Buffer.from(questions.length === 1 ? "wrong" : password));
      return Promise.resolve(answers.at(-1));
    };
    const store = createFileStore(write("asked", { cert, key: locked(key) }, askPin));
    await Promise.all([store.open(), store.open(), store.open()]);
    expect(questions.map(({ why }) => why)).toEqual(["needed", "wrong"]);
    expect(answers.every((answer) => answer.every((byte) => byte === 0))).toBe(true);
  });

  it("fails when the person says no, and asks the next time", async () => {
    const { cert, key } = pki.makeDevice("no", ecP256);
    let asked = 0;
    const askPin: AskPin = () => {
      asked += 1;
      return Promise.resolve(asked === 1 ? undefined : Buffer.from(password));
    };
    const store = createFileStore(write("no", { cert, key: locked(key) }, askPin));
    await expect(store.open()).rejects.toMatchObject({ code: "IDENTITY_PIN" });
    await expect(store.open()).resolves.toHaveProperty("chain");
  });
});

describe("a pair of files", () => {
  it("that do not belong together is no identity", async () => {
    const { cert } = pki.makeDevice("one", ecP256);
    const { key } = pki.makeDevice("other", ecP256);
    await expect(createFileStore(write("mixed", { cert, key })).open()).rejects.toMatchObject({ code: "IDENTITY_KEY" });
  });

  it("is read again when it is renewed", async () => {
    const files = write("renewed", pki.makeDevice("first", ecP256));
    const store = createFileStore(files);
    const before = await store.open();
    const next = pki.makeDevice("second", ecP256);
    fs.writeFileSync(files.files.keyPath, next.key);
    fs.writeFileSync(files.files.certPath, next.cert);
    const after = await store.open();
    expect([before, after].map(({ chain }) => chain[0].subject)).toEqual(["CN=first", "CN=second"]);
  });

  it.each([["cert"], ["key"]] as const)("with garbage as its %s is a failure with a name, not a crash", async (which) => {
    const good = pki.makeDevice("good", ecP256);
    const store = createFileStore(write(`bad-${which}`, { ...good, [which]: "-----BEGIN GARBAGE-----" }));
    await expect(store.open()).rejects.toMatchObject({ code: "IDENTITY_KEY" });
  });
});
