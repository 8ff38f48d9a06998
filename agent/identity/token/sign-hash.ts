import pkcs11js from "pkcs11js";
import type { Digest, SigningRequest } from "../signing.ts";
import type { Handle } from "./cryptoki.ts";
import { TokenFailure } from "./messages.ts";
import { encodeDigestInfo, encodeEcdsaSignature } from "./signature-encoding.ts";
import type { FoundKey } from "./token-objects.ts";

export interface HashToSign {
  readonly session: Handle;
  readonly key: FoundKey;
  readonly request: SigningRequest;
  readonly hash: Buffer;
  /** For keys that want their PIN each time: called when the operation has begun, as PKCS#11 section 5.6.7 demands. */
  readonly authenticate: (() => void) | undefined;
}

/** Longest signature that is taken: RSA of 16384 bits. */
const longest = 2048;

/** One signature over a hash, as TLS wants it. */
export async function signHash(module: pkcs11js.PKCS11, { session, key, request, hash, authenticate }: HashToSign): Promise<Buffer> {
  const { mechanism, data } = prepare(request, hash);
  module.C_SignInit(session, mechanism, key.handle);
  authenticate?.();
  const raw = await module.C_SignAsync(session, data, Buffer.alloc(longest));
  const signature = request.padding === "none" ? encodeEcdsaSignature(raw) : raw;
  if (signature === undefined || signature.length === 0)
    throw new TokenFailure("MODULE", "the token answered with bytes that are no signature");
  return signature;
}

function prepare({ padding, digest }: SigningRequest, hash: Buffer): { readonly mechanism: pkcs11js.Mechanism; readonly data: Buffer } {
  if (padding === "none") return { mechanism: { mechanism: pkcs11js.CKM_ECDSA }, data: hash };
  if (padding === "pkcs1") return { mechanism: { mechanism: pkcs11js.CKM_RSA_PKCS }, data: encodeDigestInfo(digest, hash) };
  return { mechanism: { mechanism: pkcs11js.CKM_RSA_PKCS_PSS, parameter: pssOf(digest, hash.length) }, data: hash };
}

/** RFC 8446 section 4.2.3: the same hash for the mask, and a salt as long as the hash. */
function pssOf(digest: Digest, saltLen: number): pkcs11js.RsaPSS {
  const type = pkcs11js.CK_PARAMS_RSA_PSS;
  if (digest === "sha256") return { type, hashAlg: pkcs11js.CKM_SHA256, mgf: pkcs11js.CKG_MGF1_SHA256, saltLen };
  if (digest === "sha384") return { type, hashAlg: pkcs11js.CKM_SHA384, mgf: pkcs11js.CKG_MGF1_SHA384, saltLen };
  return { type, hashAlg: pkcs11js.CKM_SHA512, mgf: pkcs11js.CKG_MGF1_SHA512, saltLen };
}
