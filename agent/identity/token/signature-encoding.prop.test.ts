import { createHash, generateKeyPairSync, publicDecrypt, sign, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeDigestInfo, encodeEcdsaSignature } from "./signature-encoding.ts";

describe("an ECDSA signature", () => {
  it.each(["P-256", "P-384", "P-521"])("of %s verifies after its encoding", (namedCurve) => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        const raw = sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" });
        const encoded = encodeEcdsaSignature(raw);
        return encoded !== undefined && verify("sha256", data, publicKey, encoded);
      }),
      { numRuns: 30 },
    );
  });

  it("of garbage length is no signature, and none throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => {
        const isPair = raw.length > 0 && raw.length % 2 === 0 && raw.length <= 132;
        return (encodeEcdsaSignature(raw) !== undefined) === isPair;
      }),
    );
  });
});

describe("a PKCS#1 v1.5 signature", () => {
  it.each(["sha256", "sha384", "sha512"] as const)("holds the information on %s that OpenSSL writes", (digest) => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const hash = createHash(digest).update("x").digest();
    expect(publicDecrypt(publicKey, sign(digest, Buffer.from("x"), privateKey))).toEqual(encodeDigestInfo(digest, hash));
  });
});
