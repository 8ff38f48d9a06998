import { type KeyObject, constants, createHash, sign } from "node:crypto";
import { isClientAuthentication } from "./client-authentication.ts";
import { parseSshAuthentication, sshAlgorithms } from "./ssh-authentication.ts";

/** What TLS or SSH asks of a key. The message itself, not its hash: whoever holds the key must see what it signs. */
export interface SigningRequest {
  readonly digest: Digest;
  /** `none` for elliptic curves. */
  readonly padding: Padding;
  readonly message: Uint8Array;
}

export const digests = ["sha256", "sha384", "sha512"] as const;
export type Digest = (typeof digests)[number];
export const paddings = ["none", "pkcs1", "pss"] as const;
export type Padding = (typeof paddings)[number];

/** OpenSSL's name of a hash, `SHA2-256` or `SHA256`, as ours; undefined for one that no key here uses. */
export function digestNamed(name: string): Digest | undefined {
  return digests.find((digest) => digest === name.toLowerCase().replace("sha2-", "sha"));
}

/** Why `request` is not signed; undefined when it may be. */
export function whyNotSigned({ digest, padding, message }: SigningRequest, keyType: string): string | undefined {
  if (!digests.includes(digest)) return `the hash ${String(digest)} is not used`;
  if ((keyType === "ec") !== (padding === "none")) return `a key of type ${keyType} is not used with padding ${padding}`;
  if (isClientAuthentication(message) || isSshAuthentication({ digest, padding, message }, keyType)) return undefined;
  return "only a TLS client's proof of its key, and a login at an SSH server, are signed";
}

/** Signed as the request itself says, so that the server finds what it was told. */
function isSshAuthentication({ digest, padding, message }: SigningRequest, keyType: string): boolean {
  const asked = parseSshAuthentication(message);
  if (asked === undefined) return false;
  const how = sshAlgorithms[asked.algorithm];
  return how.digest === digest && how.padding === padding && how.keyType === keyType;
}

/** Sign with a key of this process. */
export function signHere(key: KeyObject, { digest, padding, message }: SigningRequest): Buffer {
  if (padding !== "pss") return sign(digest, message, key);
  return sign(digest, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
}

export function hashOf({ digest, message }: SigningRequest): Buffer {
  return createHash(digest).update(message).digest();
}
