import { constants, randomBytes, verify, type X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import type { KeyStore } from "./key-store.ts";
import type { Padding, SigningRequest } from "./signing.ts";

/** What a TLS 1.3 client signs. */
export const clientProof = (hashBytes = 32): Buffer =>
  Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from("TLS 1.3, client CertificateVerify\0", "latin1"), randomBytes(hashBytes)]);

export interface StoreUnderTest {
  readonly store: KeyStore;
  readonly type: "ec" | "rsa";
}

function isSignedBy(certificate: X509Certificate, { digest, padding, message }: SigningRequest, signature: Uint8Array): boolean {
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return verify(digest, message, { key: certificate.publicKey, ...(padding === "pss" ? pss : {}) }, signature);
}

const paddingsOf = (type: "ec" | "rsa"): readonly Padding[] => (type === "ec" ? ["none"] : ["pss", "pkcs1"]);

/** What every key store promises, wherever the key lives. `open` gives a fresh store each time. */
export function promiseKeyStore(open: () => Promise<StoreUnderTest>): void {
  it("shows its certificate first, and signs so that the certificate proves it", async () => {
    const { store, type } = await open();
    const key = await store.open();
    for (const padding of paddingsOf(type)) {
      for (const digest of ["sha256", "sha384"] as const) {
        const request = { digest, padding, message: clientProof(digest === "sha256" ? 32 : 48) };
        expect(isSignedBy(key.chain[0], request, await key.sign(request))).toBe(true);
      }
    }
  });

  it("signs nothing but a TLS client's proof", async () => {
    const { store, type } = await open();
    const key = await store.open();
    const [padding = "none"] = paddingsOf(type);
    for (const message of [
      Buffer.from("a document"),
      Buffer.alloc(0),
      clientProof().subarray(1),
      Buffer.concat([clientProof(), Buffer.of(0)]),
    ]) {
      await expect(key.sign({ digest: "sha256", padding, message })).rejects.toMatchObject({ code: "IDENTITY_REFUSED" });
    }
  });

  it("refuses the padding of another kind of key", async () => {
    const { store, type } = await open();
    const key = await store.open();
    const padding = type === "ec" ? "pss" : "none";
    await expect(key.sign({ digest: "sha256", padding, message: clientProof() })).rejects.toMatchObject({ code: "IDENTITY_REFUSED" });
  });

  it("answers many at once, each its own", async () => {
    const { store, type } = await open();
    const key = await store.open();
    const [padding = "none"] = paddingsOf(type);
    const requests = Array.from({ length: 12 }, () => ({ digest: "sha256", padding, message: clientProof() }) as const);
    const signatures = await Promise.all(requests.map((request) => key.sign(request)));
    for (const [index, request] of requests.entries()) expect(isSignedBy(key.chain[0], request, signatures[index]!)).toBe(true);
  });

  it("opens again after it was told to forget", async () => {
    const { store, type } = await open();
    const before = await store.open();
    await store.forget();
    const after = await store.open();
    expect(after.chain[0].fingerprint256).toBe(before.chain[0].fingerprint256);
    const [padding = "none"] = paddingsOf(type);
    const request = { digest: "sha256", padding, message: clientProof() } as const;
    expect(isSignedBy(after.chain[0], request, await after.sign(request))).toBe(true);
    expect(await store.isPresent()).toBe(true);
  });
}
