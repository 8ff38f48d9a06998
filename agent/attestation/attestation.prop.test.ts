import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPivAttestation } from "./piv.ts";
import { ProofFailed } from "./proof-failed.ts";
import { readExtensions } from "./read-extensions.ts";
import { readRequest } from "./read-request.ts";
import { isSignedByTpm, readTpmAttest } from "./tpm-attest.ts";
import { readTpmPublic } from "./tpm-public.ts";

const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** Only ProofFailed may come out, whatever goes in. */
function survives(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    read(bytes);
  } catch (cause) {
    if (!(cause instanceof ProofFailed)) throw cause;
  }
}

const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const sized = (bytes: Uint8Array) => Buffer.concat([u16(bytes.length), bytes]);
const head = (type: number, extra: Uint8Array) =>
  Buffer.concat([
    Buffer.from("ff544347", "hex"),
    u16(type),
    sized(Buffer.alloc(4)),
    sized(extra),
    Buffer.alloc(8),
    Buffer.from("0000000500000007", "hex"),
    Buffer.alloc(9),
  ]);

describe("any bytes", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  it.each([
    ["a TPM's statement", readTpmAttest],
    ["a TPM's key", readTpmPublic],
    ["a TPM's signature", (signature: Uint8Array) => isSignedByTpm(publicKey, Buffer.from("x"), signature)],
    ["a request", readRequest],
    ["a certificate's extensions", (raw: Uint8Array) => readExtensions({ raw: Buffer.from(raw) })],
    ["an attestation of a security key", (raw: Uint8Array) => readPivAttestation({ raw: Buffer.from(raw) })],
  ] as const)("as %s are read, or refused in words", (_what, read) => {
    fc.assert(fc.property(bytes, (some) => survives(read, some)));
  });

  it("after a true beginning are read, or refused in words", () => {
    fc.assert(
      fc.property(fc.constantFrom(0x8018, 0x8017, 0x8016), bytes, (type, some) =>
        survives(readTpmAttest, Buffer.concat([head(type, Buffer.alloc(8)), some])),
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(0x0014, 0x0016, 0x0018), bytes, (scheme, some) =>
        survives((all) => isSignedByTpm(publicKey, Buffer.of(1), all), Buffer.concat([u16(scheme), u16(0x000b), some])),
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(0x0001, 0x0023), bytes, (type, some) =>
        survives(readTpmPublic, sized(Buffer.concat([u16(type), u16(0x000b), some]))),
      ),
    );
  });
});

describe("a quote", () => {
  it("tells its PCRs, its digest and what it was made for", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { maxLength: 24 }), fc.uint8Array({ maxLength: 60 }), (pcrs, extra) => {
        const bits = [0, 1, 2].map((byte) => pcrs.filter((one) => one >> 3 === byte).reduce((sum, one) => sum | (1 << (one & 7)), 0));
        const body = Buffer.concat([Buffer.from("00000001000b03", "hex"), Buffer.from(bits), sized(Buffer.alloc(32, 9))]);
        const read = readTpmAttest(Buffer.concat([head(0x8018, extra), body]));
        expect(read).toMatchObject({ extraData: Buffer.from(extra), resetCount: 5, restartCount: 7 });
        expect(read.said).toEqual({ kind: "quote", pcrs: pcrs.toSorted((a, b) => a - b), digest: Buffer.alloc(32, 9) });
      }),
    );
  });
});

describe("an attestation of a security key", () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-piv-"));
  const at = (name: string) => path.join(dir, name);
  beforeAll(() => {
    fs.writeFileSync(
      at("ext"),
      "1.3.6.1.4.1.41482.3.3=DER:05:07:01\n1.3.6.1.4.1.41482.3.7=DER:02:04:01:02:03:04\n1.3.6.1.4.1.41482.3.8=DER:02:03\n",
    );
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", at("key")];
    execFileSync("openssl", ["req", ...key, "-subj", "/CN=YubiKey PIV Attestation 9a", "-out", at("csr")], { stdio: "pipe" });
    execFileSync("openssl", ["x509", "-req", "-in", at("csr"), "-key", at("key"), "-extfile", at("ext"), "-out", at("pem")], {
      stdio: "pipe",
    });
  });
  afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

  it("tells firmware, serial number and policies", () => {
    const read = readPivAttestation(new X509Certificate(fs.readFileSync(at("pem"))));
    expect(read).toEqual({ firmware: "5.7.1", serial: "16909060", pinPolicy: "once", touchPolicy: "cached" });
  });
});
