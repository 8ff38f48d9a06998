import { createHmac, createPrivateKey, type KeyObject, pbkdf2Sync, timingSafeEqual, X509Certificate } from "node:crypto";
import { childOf, childrenOf, type Der, DerMistake, expectTag, readDer, readOid, tags } from "../../asn1/index.ts";
import { decrypt, type Derivation, derivePkcs12, OldAlgorithm, type Password, readRounds, spellPassword } from "./password-encryption.ts";

/** What a PKCS#12 file holds, in its own order. */
export interface Pkcs12 {
  readonly keys: readonly KeyObject[];
  readonly certificates: readonly X509Certificate[];
}

/** The file's own seal does not match: the password is wrong, or the file was changed. */
export class WrongPassword extends Error {
  override readonly name = "WrongPassword";
}

const data = "1.2.840.113549.1.7.1";
const encryptedData = "1.2.840.113549.1.7.6";
const bags = {
  key: "1.2.840.113549.1.12.10.1.1",
  shroudedKey: "1.2.840.113549.1.12.10.1.2",
  certificate: "1.2.840.113549.1.12.10.1.3",
} as const;
const pbmac1 = "1.2.840.113549.1.5.14";
const macDigests: Readonly<Record<string, Derivation["digest"]>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
const macFunctions: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

/**
 * Read a PKCS#12 file (RFC 7292). Throws WrongPassword, OldAlgorithm when the runtime lacks what protects the file, and DerMistake when
 * it is no such file.
 *
 * SECURITY: the seal over the whole content is checked before anything in it is used; a file without one is refused.
 */
export function readPkcs12(file: Uint8Array, utf8: Uint8Array): Pkcs12 {
  const password = spellPassword(utf8);
  try {
    const outer = expectTag(readDer(file), tags.sequence);
    const content = contentOf(childOf(outer, 1, tags.sequence), data);
    checkSeal(childOf(outer, 2, tags.sequence), content, password);
    const found: { keys: KeyObject[]; certificates: X509Certificate[] } = { keys: [], certificates: [] };
    for (const safe of childrenOf(expectTag(readDer(content), tags.sequence))) {
      for (const bag of childrenOf(expectTag(readDer(openSafe(safe, password)), tags.sequence))) takeBag(bag, password, found);
    }
    return found;
  } finally {
    password.bmp.fill(0);
  }
}

/** ContentInfo with plain data (RFC 5652 section 4): what is inside its OCTET STRING. */
function contentOf(info: Der, kind: string): Buffer {
  if (readOid(childOf(info, 0)) !== kind) throw new DerMistake("a file that is sealed by a public key");
  return childOf(childOf(info, 1, 0xa0), 0, tags.octetString).content;
}

function openSafe(info: Der, password: Password): Buffer {
  if (readOid(childOf(info, 0)) !== encryptedData) return contentOf(info, data);
  // EncryptedData: version, then type, algorithm and the implicitly tagged content (RFC 5652 sections 6.1 and 8).
  const inner = childOf(childOf(childOf(info, 1, 0xa0), 0, tags.sequence), 1, tags.sequence);
  return decrypt(childOf(inner, 1, tags.sequence), childOf(inner, 2, 0x80).content, password);
}

function takeBag(bag: Der, password: Password, found: { keys: KeyObject[]; certificates: X509Certificate[] }): void {
  const kind = readOid(childOf(bag, 0));
  const value = childOf(childOf(bag, 1, 0xa0), 0);
  if (kind === bags.key) found.keys.push(createPrivateKey({ key: value.raw, format: "der", type: "pkcs8" }));
  if (kind === bags.shroudedKey) found.keys.push(openKey(value, password));
  // CertBag: the kind of certificate, then its bytes; X.509 is the only kind that is left.
  if (kind === bags.certificate)
    found.certificates.push(new X509Certificate(childOf(childOf(value, 1, 0xa0), 0, tags.octetString).content));
}

function openKey(value: Der, password: Password): KeyObject {
  const pkcs8 = decrypt(childOf(value, 0, tags.sequence), childOf(value, 1, tags.octetString).content, password);
  try {
    return createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  } finally {
    pkcs8.fill(0);
  }
}

function checkSeal(seal: Der, content: Buffer, password: Password): void {
  const info = childOf(seal, 0, tags.sequence);
  const algorithm = childOf(info, 0, tags.sequence);
  const given = childOf(info, 1, tags.octetString).content;
  const oid = readOid(childOf(algorithm, 0));
  const { digest, key } = oid === pbmac1 ? modernSeal(childOf(algorithm, 1, tags.sequence), password) : oldSeal(oid, seal, password);
  const own = createHmac(digest, key).update(content).digest();
  if (given.length !== own.length || !timingSafeEqual(given, own)) throw new WrongPassword("the password is wrong");
}

/** RFC 7292 section 4: one round when none are written. */
function oldSeal(oid: string, seal: Der, password: Password): { readonly digest: string; readonly key: Buffer } {
  const digest = macDigests[oid];
  if (digest === undefined) throw new OldAlgorithm(`a seal by ${oid}`);
  const [, salt, rounds] = childrenOf(seal);
  if (salt === undefined) throw new DerMistake("the seal has no salt");
  const bytes = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 }[digest];
  const howOften = rounds === undefined ? 1 : readRounds(rounds);
  return {
    digest,
    key: derivePkcs12({ digest, purpose: 3, bytes, rounds: howOften, salt: expectTag(salt, tags.octetString).content, password }),
  };
}

/** RFC 9579. */
function modernSeal(parameters: Der, { utf8 }: Password): { readonly digest: string; readonly key: Buffer } {
  const derivation = childOf(childOf(parameters, 0, tags.sequence), 1, tags.sequence);
  const [salt, rounds, length, random] = childrenOf(derivation);
  const digest = macFunctions[readOid(childOf(childOf(parameters, 1, tags.sequence), 0))];
  if (salt === undefined || rounds === undefined || length === undefined || random === undefined || digest === undefined)
    throw new OldAlgorithm("a seal that is not known");
  const rule = macFunctions[readOid(childOf(random, 0))];
  if (rule === undefined) throw new OldAlgorithm("a seal that is not known");
  const bytes = readRounds(length);
  return { digest, key: pbkdf2Sync(utf8, expectTag(salt, tags.octetString).content, readRounds(rounds), Math.min(bytes, 256), rule) };
}
