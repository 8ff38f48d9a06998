import { createDecipheriv, createHash, pbkdf2Sync } from "node:crypto";
import { childOf, childrenOf, type Der, DerMistake, expectTag, readOid, readSmallInteger, tags } from "../../asn1/index.ts";

/** The file is protected by something that the runtime does not offer any more; `algorithm` is its common name. */
export class OldAlgorithm extends Error {
  override readonly name = "OldAlgorithm";
  readonly algorithm: string;

  constructor(algorithm: string) {
    super(`${algorithm} is not offered any more`);
    this.algorithm = algorithm;
  }
}

const pbes2 = "1.2.840.113549.1.5.13";
const pbkdf2 = "1.2.840.113549.1.5.12";

/** RFC 8018 appendix B.1. */
const pseudoRandom: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.8": "sha224",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

const ciphers: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> = {
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", keyBytes: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", keyBytes: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", keyBytes: 32 },
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", keyBytes: 24 },
};

/** RFC 7292 appendix C. */
const pkcs12TripleDes = "1.2.840.113549.1.12.1.3";
const oldAlgorithms: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.12.1.1": "RC4 with 128 bits",
  "1.2.840.113549.1.12.1.2": "RC4 with 40 bits",
  "1.2.840.113549.1.12.1.4": "3DES with two keys",
  "1.2.840.113549.1.12.1.5": "RC2 with 128 bits",
  "1.2.840.113549.1.12.1.6": "RC2 with 40 bits",
  "1.2.840.113549.1.5.3": "DES with MD5",
  "1.2.840.113549.1.5.10": "DES with SHA-1",
};

/** The name of what protects a file, when the runtime does not offer it any more. */
export function oldAlgorithmOf(algorithm: Der): string | undefined {
  return oldAlgorithms[readOid(childOf(algorithm, 0))];
}

/** A file that asks for more rounds than this is an attack on our time, not a key. */
const mostRounds = 10_000_000;

/** A password in the two spellings that PKCS#12 wants: UTF-8, and UTF-16 with a zero at the end (RFC 7292 appendix B.1). */
export interface Password {
  readonly utf8: Uint8Array;
  readonly bmp: Uint8Array;
}

/** Both spellings of one password. The caller wipes them. */
export function spellPassword(utf8: Uint8Array): Password {
  const text = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength).toString("utf8");
  return { utf8, bmp: Buffer.from(`${text}\0`, "utf16le").swap16() };
}

/** Throws when the password is wrong, OldAlgorithm when no password would help, DerMistake when it is garbage. */
export function decrypt(algorithm: Der, encrypted: Uint8Array, password: Password): Buffer {
  const { name, key, iv } = cipherOf(algorithm, password);
  const decipher = createDecipheriv(name, key, iv);
  return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}

function cipherOf(algorithm: Der, password: Password): { readonly name: string; readonly key: Buffer; readonly iv: Buffer } {
  const oid = readOid(childOf(algorithm, 0));
  const old = oldAlgorithms[oid];
  if (old !== undefined) throw new OldAlgorithm(old);
  const parameters = childOf(algorithm, 1, tags.sequence);
  if (oid === pbes2) return pbes2Cipher(parameters, password);
  if (oid !== pkcs12TripleDes) throw new OldAlgorithm(`the algorithm ${oid}`);
  const salt = childOf(parameters, 0, tags.octetString).content;
  const rounds = readRounds(childOf(parameters, 1));
  const derive = (purpose: number, bytes: number) => derivePkcs12({ digest: "sha1", purpose, bytes, rounds, salt, password });
  return { name: "des-ede3-cbc", key: derive(1, 24), iv: derive(2, 8) };
}

/** RFC 8018 appendix A.4. */
function pbes2Cipher(parameters: Der, { utf8 }: Password): ReturnType<typeof cipherOf> {
  const derivation = childOf(parameters, 0, tags.sequence);
  if (readOid(childOf(derivation, 0)) !== pbkdf2) throw new OldAlgorithm("a key derivation other than PBKDF2");
  const scheme = childOf(parameters, 1, tags.sequence);
  const cipher = ciphers[readOid(childOf(scheme, 0))];
  if (cipher === undefined) throw new OldAlgorithm(`the cipher ${readOid(childOf(scheme, 0))}`);
  const [salt, rounds, ...rest] = childrenOf(childOf(derivation, 1, tags.sequence));
  if (salt === undefined || rounds === undefined) throw new DerMistake("salt or rounds are missing");
  const random = rest.find(({ tag }) => tag === tags.sequence);
  const digest = random === undefined ? "sha1" : pseudoRandom[readOid(childOf(random, 0))];
  if (digest === undefined) throw new OldAlgorithm("an unknown pseudo-random function");
  const key = pbkdf2Sync(utf8, expectTag(salt, tags.octetString).content, readRounds(rounds), cipher.keyBytes, digest);
  return { name: cipher.name, key, iv: childOf(scheme, 1, tags.octetString).content };
}

export function readRounds(value: Der): number {
  const rounds = readSmallInteger(value);
  if (rounds === 0 || rounds > mostRounds) throw new DerMistake(`${rounds} rounds`);
  return rounds;
}

export interface Derivation {
  readonly digest: "sha1" | "sha256" | "sha384" | "sha512";
  /** 1 a key, 2 an initial vector, 3 an authentication key. */
  readonly purpose: number;
  readonly bytes: number;
  readonly rounds: number;
  readonly salt: Uint8Array;
  readonly password: Password;
}

/** RFC 7292 appendix B.2. */
export function derivePkcs12({ digest, purpose, bytes, rounds, salt, password }: Derivation): Buffer {
  const block = digest === "sha384" || digest === "sha512" ? 128 : 64;
  const diversifier = Buffer.alloc(block, purpose);
  const input = Buffer.concat([fill(salt, block), fill(password.bmp, block)]);
  const parts: Buffer[] = [];
  for (let made = 0; made < bytes; ) {
    let hash = createHash(digest).update(diversifier).update(input).digest();
    for (let round = 1; round < rounds; round += 1) hash = createHash(digest).update(hash).digest();
    parts.push(hash);
    made += hash.length;
    const addend = fill(hash, block).subarray(0, block);
    for (let at = 0; at < input.length; at += block) addOne(input.subarray(at, at + block), addend);
  }
  input.fill(0);
  return Buffer.concat(parts).subarray(0, bytes);
}

/** As often as it takes to fill whole blocks; nothing stays nothing. */
function fill(bytes: Uint8Array, block: number): Buffer {
  const length = block * Math.ceil(bytes.length / block);
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes);
}

/** `block + addend + 1` as one large number, in place. */
function addOne(block: Buffer, addend: Uint8Array): void {
  let carry = 1;
  for (let at = block.length - 1; at >= 0; at -= 1) {
    const sum = (block[at] ?? 0) + (addend[at] ?? 0) + carry;
    block[at] = sum & 0xff;
    carry = sum >> 8;
  }
}
