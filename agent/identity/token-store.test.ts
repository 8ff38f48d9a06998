import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addTpmKey, makeSoftTpm, type SoftTpm, TellingLogger, tickingClock as clock } from "../testing/index.ts";
import { findTpmModule } from "./find-module.ts";
import { promiseKeyStore } from "./key-store.suite.ts";
import { makePki, makeRoom, type Pki } from "./pki.suite.ts";
import { makeSoftHsm } from "./soft-hsm.suite.ts";
import { createTokenStore } from "./token-store.ts";
import { TokenHost } from "./token/token-host.ts";
import { TokenKeeper } from "./token/token-keeper.ts";

const addonPath = path.resolve(import.meta.dirname, "../../out/native/token-key.node");
const native = path.resolve(import.meta.dirname, "../../build/scripts/native.mjs");

interface Bench {
  readonly host: TokenHost;
  readonly keeper: TokenKeeper;
}

function openBench(modulePath: string, pin: string | (() => string)): Bench {
  const host = new TokenHost({ modulePath, addonPath, clock, logger: new TellingLogger() });
  const keeper = new TokenKeeper({
    host,
    clock,
    announceTouch: () => undefined,
    askPin: () => Promise.resolve(Buffer.from(typeof pin === "string" ? pin : pin())),
  });
  return { host, keeper };
}

async function certify(
  { keeper }: Bench,
  pki: Pki,
  where: { readonly token: string; readonly id: string; readonly label: string },
): Promise<void> {
  const token = { label: where.token };
  const { request } = await keeper.ask<"request">(
    { op: "request", pick: { token, key: { id: where.id } }, wanted: { commonName: where.label } },
    "test",
  );
  const certificate = new X509Certificate(pki.issue(request)).raw;
  await keeper.ask<"import">({ op: "import", token, id: where.id, label: where.label, certificate }, "test");
}

const storeOf = ({ keeper }: Bench, kind: "pkcs11" | "tpm2", where: { readonly token?: string; readonly key: string }) =>
  createTokenStore({
    name: "test",
    kind,
    keeper,
    uri: { token: where.token === undefined ? {} : { label: where.token }, key: { label: where.key } },
  });

describe("a SoftHSM token", () => {
  const room = makeRoom();
  let bench: Bench;
  beforeAll(async () => {
    execFileSync(process.execPath, [native]);
    const pki = makePki(room.dir);
    const hsm = makeSoftHsm(room.dir);
    bench = openBench(hsm.modulePath, hsm.pin);
    for (const [id, algorithm] of [
      ["01", "ec-p256"],
      ["02", "ec-p384"],
      ["03", "rsa-2048"],
    ] as const) {
      await bench.keeper.ask<"generate">({ op: "generate", token: { label: hsm.label }, label: algorithm, id, algorithm }, "test");
      await certify(bench, pki, { token: hsm.label, id, label: algorithm });
    }
  }, 60_000);
  afterAll(() => {
    bench.host.close();
    room.remove();
  });

  describe.each([
    ["ec-p256", "ec"],
    ["ec-p384", "ec"],
    ["rsa-2048", "rsa"],
  ] as const)("with a key of %s", (label, type) => {
    promiseKeyStore(() => Promise.resolve({ type, store: storeOf(bench, "pkcs11", { token: "portail", key: label }) }));
  });
});

/** tpm2_ptool takes an id as text and stores its bytes. */
const tpmKeys = [
  { id: "11", algorithm: "ecc256", label: "tpm-ec" },
  { id: "12", algorithm: "rsa2048", label: "tpm-rsa" },
] as const;

describe("a TPM 2.0", () => {
  const room = makeRoom();
  let bench: Bench | undefined;
  let tpm: SoftTpm | undefined;
  beforeAll(async () => {
    const pki = makePki(room.dir);
    const machine = await makeSoftTpm(room.dir);
    tpm = machine;
    // The module reads its keys when it begins.
    for (const { id, algorithm, label } of tpmKeys) addTpmKey(machine, { algorithm, label, id });
    const own = openBench(findTpmModule() ?? "", machine.pin);
    bench = own;
    for (const { id, label } of tpmKeys) await certify(own, pki, { token: machine.label, id: Buffer.from(id).toString("hex"), label });
  }, 90_000);
  afterAll(async () => {
    bench?.host.close();
    await tpm?.stop();
    room.remove();
  });

  describe.each([
    ["tpm-ec", "ec"],
    ["tpm-rsa", "rsa"],
  ] as const)("with the key %s", (label, type) => {
    promiseKeyStore(() => Promise.resolve({ type, store: storeOf(bench!, "tpm2", { key: label }) }));
  });

  it("that locks itself after wrong PINs says so, asks nobody meanwhile, and serves again when it is unlocked", async () => {
    const tool = (...args: string[]) => execFileSync("tpm2_dictionarylockout", args, { stdio: "pipe" });
    tool("--setup-parameters", "--max-tries=2", "--recovery-time=3600", "--lockout-recovery-time=3600");
    let asked = 0;
    const own = openBench(findTpmModule() ?? "", () => {
      asked += 1;
      return "not-the-pin";
    });
    const store = storeOf(own, "tpm2", { key: "tpm-ec" });
    try {
      await expect(store.open()).rejects.toMatchObject({ code: "IDENTITY_LOCKED" });
      expect(asked).toBeLessThanOrEqual(3);
      const before = asked;
      await expect(store.open()).rejects.toMatchObject({ code: "IDENTITY_LOCKED" });
      expect(asked).toBe(before);
    } finally {
      own.host.close();
      tool("--clear-lockout");
    }
    expect((await storeOf(bench!, "tpm2", { key: "tpm-ec" }).open()).chain).toHaveLength(1);
  });
});
