import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { ProofFailed } from "./proof-failed.ts";
import { hashNamed, TpmReader } from "./tpm-reader.ts";

/** A public key as its TPM describes it (TPM2B_PUBLIC, part 2 section 12.2). */
export interface TpmPublic {
  readonly key: KeyObject;
  readonly attributes: number;
  readonly nameHash: "sha256" | "sha384" | "sha512";
  /** What the TPM calls the object: a hash over everything that is said here. */
  readonly name: Buffer;
}

/** TPMA_OBJECT, part 2 section 8.3. */
export const attribute = {
  fixedTpm: 1 << 1,
  fixedParent: 1 << 4,
  sensitiveDataOrigin: 1 << 5,
  restricted: 1 << 16,
  decrypt: 1 << 17,
  sign: 1 << 18,
} as const;

const none = 0x0010;
const curves: Readonly<Record<number, { readonly name: string; readonly bytes: number }>> = {
  3: { name: "P-256", bytes: 32 },
  4: { name: "P-384", bytes: 48 },
};

/** Throws ProofFailed. */
export function readTpmPublic(tpm2b: Uint8Array): TpmPublic {
  const outer = new TpmReader(tpm2b);
  const area = outer.sized();
  outer.end();
  const reader = new TpmReader(area);
  const type = reader.u16();
  const nameAlgorithm = reader.u16();
  const nameHash = hashNamed(nameAlgorithm);
  const attributes = reader.u32();
  reader.sized();
  skipSymmetric(reader);
  const key = type === 0x0023 ? readEc(reader) : type === 0x0001 ? readRsa(reader) : undefined;
  if (key === undefined) throw new ProofFailed(`the TPM's key type 0x${type.toString(16)} is not accepted`);
  reader.end();
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(nameAlgorithm);
  return { key, attributes, nameHash, name: Buffer.concat([prefix, createHash(nameHash).update(area).digest()]) };
}

export function hasAttributes({ attributes }: TpmPublic, wanted: readonly number[]): boolean {
  return wanted.every((one) => (attributes & one) !== 0);
}

/** TPMT_SYM_DEF_OBJECT and the scheme, which say how the key is used, not what it is. */
function skipSymmetric(reader: TpmReader): void {
  if (reader.u16() !== none) reader.bytes(4);
  const scheme = reader.u16();
  // RSAES (0x0015) has no details; every other scheme names a hash.
  if (scheme !== none && scheme !== 0x0015) reader.u16();
}

function readEc(reader: TpmReader): KeyObject {
  const curve = curves[reader.u16()];
  if (curve === undefined) throw new ProofFailed("the TPM's curve is not accepted");
  if (reader.u16() !== none) reader.u16();
  const [x, y] = [reader.sized(), reader.sized()].map((value) => {
    if (value.length > curve.bytes) throw new ProofFailed("a point of the TPM's key is too long");
    return Buffer.concat([Buffer.alloc(curve.bytes - value.length), value]).toString("base64url");
  });
  return parseKey({ kty: "EC", crv: curve.name, x, y });
}

function readRsa(reader: TpmReader): KeyObject {
  reader.u16();
  const exponent = reader.u32() || 65_537;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(exponent);
  const e = bytes.subarray(bytes.findIndex((byte) => byte !== 0)).toString("base64url");
  return parseKey({ kty: "RSA", n: reader.sized().toString("base64url"), e });
}

function parseKey(key: object): KeyObject {
  try {
    return createPublicKey({ key, format: "jwk" } as Parameters<typeof createPublicKey>[0]);
  } catch (cause) {
    throw new ProofFailed("the TPM's key is none", { cause });
  }
}
