import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AgentError, formatCause } from "../../base/index.ts";
import { childOf, DerMistake, readDer, tags } from "../../asn1/index.ts";
import type { KeyFiles } from "../identity-source.ts";
import type { AskPin } from "../person.ts";
import { chainOf } from "../certificate-chain.ts";
import { OldAlgorithm, oldAlgorithmOf } from "./password-encryption.ts";
import { type Pkcs12, readPkcs12 } from "./pkcs12.ts";

/** A certificate with the private key that belongs to it. */
export interface KeyPair {
  /** Ours first, then its issuers. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
  readonly privateKey: KeyObject;
}

/** Whose files they are, and who is asked for their password. */
export interface FileOwner {
  readonly name: string;
  readonly askPin: AskPin;
}

/** Wrong passwords that one opening may cost; the person is asked again in between. */
const passwordTries = 3;

export const keyFailure = (name: string, why: string, cause?: unknown): AgentError =>
  new AgentError("IDENTITY_KEY", `identity \`${name}\`: ${why}`, { cause });

/** Reads certificate and key and sees that they belong together. Rejects with AgentError (IDENTITY_KEY, IDENTITY_PIN). */
export async function readKeyFiles(files: KeyFiles, owner: FileOwner, openedKey?: KeyObject): Promise<KeyPair> {
  if ("p12Path" in files) return readContainer(files.p12Path, owner);
  const { certPath, keyPath } = files;
  const [leaf, ...issuers] = parseChain(await readFile(certPath, "utf8").catch(unreadable(owner)));
  if (leaf === undefined) throw keyFailure(owner.name, `${certPath} holds no certificate`);
  const privateKey = openedKey ?? (await readPrivateKey(keyPath, owner));
  if (!createPublicKey(privateKey).equals(leaf.publicKey))
    throw keyFailure(owner.name, `the key in ${keyPath} does not belong to the certificate in ${certPath}`);
  return { chain: [leaf, ...issuers], privateKey };
}

/** All certificates of a PEM text, in order. Broken ones are a failure of the file, not skipped. */
export function parseChain(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g) ?? []).map((block) => new X509Certificate(block));
}

/** A key in PEM: PKCS#8, SEC 1 or PKCS#1, encrypted or not. */
export async function readPrivateKey(keyPath: string, owner: FileOwner): Promise<KeyObject> {
  const pem = await readFile(keyPath).catch(unreadable(owner));
  try {
    if (!isEncryptedKey(pem.toString("latin1"))) return parsePlainKey(pem, keyPath, owner);
    const old = oldProtectionOf(pem.toString("latin1"));
    if (old !== undefined) throw tooOld(owner, old, `openssl pkey -provider legacy -provider default -in ${keyPath} -aes256 -out NEW`);
    return await withPassword(keyPath, owner, (passphrase) => createPrivateKey({ key: pem, passphrase }));
  } finally {
    pem.fill(0);
  }
}

/** PKCS#8 says it in its label (RFC 7468 section 11), the older form in a header (RFC 1421). */
export const isEncryptedKey = (pem: string): boolean => /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem);

/** A cipher that no password would open here; undefined when the runtime has it. */
function oldProtectionOf(pem: string): string | undefined {
  const [, header] = /^DEK-Info: ((?:DES-CBC|RC2|RC4|IDEA)[^,\r\n]*)/m.exec(pem) ?? [];
  if (header !== undefined) return header;
  const [, base64] = /-----BEGIN ENCRYPTED PRIVATE KEY-----([^]+?)-----END/.exec(pem) ?? [];
  try {
    return base64 === undefined ? undefined : oldAlgorithmOf(childOf(readDer(Buffer.from(base64, "base64")), 0, tags.sequence));
  } catch (cause) {
    if (cause instanceof DerMistake) return undefined;
    throw cause;
  }
}

function parsePlainKey(pem: Buffer, keyPath: string, { name }: FileOwner): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw keyFailure(name, `${keyPath} holds no private key that can be read (${formatCause(cause)})`, cause);
  }
}

/** The file's one key, the certificate that belongs to it, and its issuers as far as the file has them. */
async function readContainer(p12Path: string, owner: FileOwner): Promise<KeyPair> {
  const file = await readFile(p12Path).catch(unreadable(owner));
  const { keys, certificates } = await openContainer(file, p12Path, owner);
  const [privateKey, other] = keys;
  if (privateKey === undefined || other !== undefined)
    throw keyFailure(owner.name, `${p12Path} holds ${keys.length} private keys, not one`);
  const publicKey = createPublicKey(privateKey);
  const leaf = certificates.find((one) => one.publicKey.equals(publicKey));
  if (leaf === undefined) throw keyFailure(owner.name, `${p12Path} holds no certificate of its key`);
  const [first = leaf, ...issuers] = chainOf(leaf, certificates);
  return { chain: [first, ...issuers], privateKey };
}

async function openContainer(file: Buffer, p12Path: string, owner: FileOwner): Promise<Pkcs12> {
  try {
    return await withPassword(p12Path, owner, (password) => readPkcs12(file, password));
  } catch (cause) {
    if (cause instanceof OldAlgorithm) throw tooOld(owner, cause.algorithm, convertContainer(p12Path));
    if (cause instanceof DerMistake)
      throw keyFailure(owner.name, `${p12Path} is no PKCS#12 file that can be read (${cause.message})`, cause);
    throw cause;
  }
}

const convertContainer = (file: string): string =>
  `openssl pkcs12 -legacy -in ${file} -out all.pem && openssl pkcs12 -export -in all.pem -out NEW && rm all.pem`;

const tooOld = ({ name }: FileOwner, algorithm: string, command: string): AgentError =>
  keyFailure(name, `the file is protected with ${algorithm}, which is too weak to be read here; convert it: ${command}`);

/** SECURITY: each answer is wiped when it was used, right or wrong. */
async function withPassword<T>(file: string, { name, askPin }: FileOwner, open: (password: Buffer) => T): Promise<T> {
  for (let tried = 0; tried < passwordTries; tried += 1) {
    const password = await askPin({
      identity: name,
      token: file,
      why: tried === 0 ? "needed" : "wrong",
      tries: "unknown",
      isForOneUse: false,
    });
    if (password === undefined) throw new AgentError("IDENTITY_PIN", `identity \`${name}\`: the password of ${file} was not given`);
    try {
      return open(Buffer.from(password.buffer, password.byteOffset, password.byteLength));
    } catch (cause) {
      if (cause instanceof OldAlgorithm || cause instanceof DerMistake) throw cause;
      // Wrong, most likely: a broken file fails in the same words. It is asked for again, a few times.
    } finally {
      password.fill(0);
    }
  }
  throw new AgentError("IDENTITY_PIN", `identity \`${name}\`: the password of ${file} is wrong`);
}

const unreadable =
  ({ name }: FileOwner) =>
  (cause: unknown): never => {
    throw keyFailure(name, formatCause(cause), cause);
  };
