import { sequence, tagged } from "../../asn1/index.ts";
import type { Digest } from "../signing.ts";

/**
 * PKCS#11 gives an ECDSA signature as r and s side by side, each as long as the order of the curve (PKCS#11 section 6.3.1). TLS wants
 * `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279 section 2.2.3). Undefined when the bytes cannot be such a pair.
 */
export function encodeEcdsaSignature(raw: Uint8Array): Buffer | undefined {
  if (raw.length === 0 || raw.length % 2 !== 0 || raw.length > 132) return undefined;
  const half = raw.length / 2;
  return sequence(integer(raw.subarray(0, half)), integer(raw.subarray(half)));
}

/** Unsigned, big endian, as the shortest INTEGER: no leading zeros but the one that keeps it positive. */
function integer(bytes: Uint8Array): Buffer {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const significant = bytes.subarray(from);
  const isNegative = ((significant[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, Buffer.concat([isNegative ? Buffer.of(0) : Buffer.alloc(0), significant]));
}

/** RFC 8017 section 9.2, note 1: what stands before the hash in a PKCS#1 v1.5 signature. CKM_RSA_PKCS adds the rest. */
const digestInfo = {
  sha256: Buffer.from("3031300d060960864801650304020105000420", "hex"),
  sha384: Buffer.from("3041300d060960864801650304020205000430", "hex"),
  sha512: Buffer.from("3051300d060960864801650304020305000440", "hex"),
} as const satisfies Record<Digest, Buffer>;

export function encodeDigestInfo(digest: Digest, hash: Uint8Array): Buffer {
  return Buffer.concat([digestInfo[digest], hash]);
}
