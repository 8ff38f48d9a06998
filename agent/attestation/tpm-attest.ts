import { constants, type KeyObject, verify } from "node:crypto";
import { sequence, tagged, tags } from "../asn1/index.ts";
import { ProofFailed } from "./proof-failed.ts";
import { hashNamed, TpmReader } from "./tpm-reader.ts";

/** What a TPM says and signs (TPMS_ATTEST, part 2 section 10.12.8). */
export interface TpmAttest {
  readonly extraData: Buffer;
  /** How often it was started and woken, for whoever compares two proofs. */
  readonly resetCount: number;
  readonly restartCount: number;
  readonly said:
    | { readonly kind: "quote"; readonly pcrs: readonly number[]; readonly digest: Buffer }
    | { readonly kind: "certify"; readonly name: Buffer };
}

const generatedByTpm = 0xff54_4347;
const sha256 = 0x000b;

/** Throws ProofFailed. Only values of PCRs hashed with SHA-256 are accepted. */
export function readTpmAttest(bytes: Uint8Array): TpmAttest {
  const reader = new TpmReader(bytes);
  if (reader.u32() !== generatedByTpm) throw new ProofFailed("this was not said by a TPM");
  const type = reader.u16();
  reader.sized();
  const extraData = reader.sized();
  reader.bytes(8);
  const [resetCount, restartCount] = [reader.u32(), reader.u32()];
  reader.bytes(9);
  const said = type === 0x8018 ? readQuote(reader) : type === 0x8017 ? readCertify(reader) : undefined;
  if (said === undefined) throw new ProofFailed(`the TPM's statement 0x${type.toString(16)} is not accepted`);
  reader.end();
  return { extraData, resetCount, restartCount, said };
}

function readQuote(reader: TpmReader): TpmAttest["said"] {
  const banks = reader.u32();
  if (banks !== 1 || reader.u16() !== sha256) throw new ProofFailed("the quote is not about the SHA-256 bank alone");
  const pcrs = [...reader.bytes(reader.u8())].flatMap((bits, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bit) => ((bits >> bit) & 1 ? [at * 8 + bit] : [])),
  );
  return { kind: "quote", pcrs, digest: reader.sized() };
}

function readCertify(reader: TpmReader): TpmAttest["said"] {
  const name = reader.sized();
  reader.sized();
  return { kind: "certify", name };
}

/** Whether `key` made the TPMT_SIGNATURE (part 2 section 11.3.4) over `message`. Throws ProofFailed for what cannot be read. */
export function isSignedByTpm(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  const reader = new TpmReader(signature);
  const scheme = reader.u16();
  const hash = hashNamed(reader.u16());
  if (scheme === 0x0018) {
    const pair = sequence(integer(reader.sized()), integer(reader.sized()));
    reader.end();
    return key.asymmetricKeyType === "ec" && verify(hash, message, key, pair);
  }
  if (scheme !== 0x0014 && scheme !== 0x0016) throw new ProofFailed(`the TPM's signature 0x${scheme.toString(16)} is not accepted`);
  const value = reader.sized();
  reader.end();
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
  return key.asymmetricKeyType === "rsa" && verify(hash, message, { key, ...(scheme === 0x0016 ? pss : {}) }, value);
}

/** Unsigned and big endian, as the shortest INTEGER. */
function integer(value: Buffer): Buffer {
  const from = value.findIndex((byte) => byte !== 0);
  const significant = from < 0 ? Buffer.of(0) : value.subarray(from);
  return tagged(tags.integer, (significant[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), significant]) : significant);
}
