import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { AgentError, formatCause } from "../base/index.ts";
import type { ClientKey, KeyStore } from "./key-store.ts";
import type { AskPin } from "./person.ts";
import { signHere, whyNotSigned } from "./signing.ts";

export interface FileStoreOptions {
  readonly name: string;
  /** Certificate chain, PEM. */
  readonly certPath: string;
  /** Private key, PEM, encrypted or not. */
  readonly keyPath: string;
  /** Asked for the password of an encrypted key. */
  readonly askPin: AskPin;
}

const passwordTries = 3;

/** A certificate and its key in files. They are read again when either changes, so that a renewed pair is served without a restart. */
export function createFileStore(options: FileStoreOptions): KeyStore {
  let held: { readonly version: string; readonly key: Promise<ClientKey> } | undefined;
  return {
    name: options.name,
    kind: "file",
    open: async () => {
      const version = await versionOf(options);
      if (held?.version !== version) held = { version, key: read(options) };
      const { key } = held;
      // A failure is not remembered: the next connection asks again.
      key.catch(() => {
        if (held?.key === key) held = undefined;
      });
      return key;
    },
    isPresent: async () => held !== undefined && (await versionOf(options).catch(() => undefined)) === held.version,
    refresh: () => {
      held = undefined;
    },
    forget: () => {
      held = undefined;
      return Promise.resolve();
    },
  };
}

const keyFailure = (name: string, why: string, cause?: unknown): AgentError =>
  new AgentError("IDENTITY_KEY", `identity \`${name}\`: ${why}`, { cause });

async function versionOf({ name, certPath, keyPath }: FileStoreOptions): Promise<string> {
  try {
    const files = await Promise.all([stat(certPath), stat(keyPath)]);
    return files.map(({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`).join(" ");
  } catch (cause) {
    throw keyFailure(name, formatCause(cause), cause);
  }
}

async function read(options: FileStoreOptions): Promise<ClientKey> {
  const { name, certPath, keyPath } = options;
  const chain = parseChain(await readFile(certPath, "utf8"));
  const [leaf, ...issuers] = chain;
  if (leaf === undefined) throw keyFailure(name, `${certPath} holds no certificate`);
  const pem = await readFile(keyPath);
  try {
    const privateKey = await readKey(options, pem);
    if (!createPublicKey(privateKey).equals(leaf.publicKey))
      throw keyFailure(name, `the key in ${keyPath} does not belong to the certificate in ${certPath}`);
    return {
      chain: [leaf, ...issuers],
      privateKey,
      sign: (request) => {
        const why = whyNotSigned(request, privateKey.asymmetricKeyType ?? "none");
        if (why !== undefined) return Promise.reject(new AgentError("IDENTITY_REFUSED", `identity \`${name}\`: ${why}`));
        return Promise.resolve(signHere(privateKey, request));
      },
    };
  } finally {
    pem.fill(0);
  }
}

/** All certificates of a PEM text, in order. Broken ones are a failure of the file, not skipped. */
export function parseChain(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g) ?? []).map((block) => new X509Certificate(block));
}

async function readKey({ name, keyPath, askPin }: FileStoreOptions, pem: Buffer): Promise<KeyObject> {
  if (!isEncrypted(pem)) return tryKey(name, keyPath, () => createPrivateKey(pem));
  for (let tried = 0; tried < passwordTries; tried += 1) {
    const why = tried === 0 ? "needed" : "wrong";
    const passphrase = await askPin({ identity: name, token: keyPath, why, tries: "unknown", isForOneUse: false });
    if (passphrase === undefined) throw new AgentError("IDENTITY_PIN", `identity \`${name}\`: the password of ${keyPath} was not given`);
    try {
      return createPrivateKey({ key: pem, passphrase: Buffer.from(passphrase.buffer, passphrase.byteOffset, passphrase.byteLength) });
    } catch {
      // Wrong, most likely: a broken file fails in the same words. It is asked for again, a few times.
    } finally {
      passphrase.fill(0);
    }
  }
  throw new AgentError("IDENTITY_PIN", `identity \`${name}\`: the password of ${keyPath} is wrong`);
}

/** PKCS#8 says it in its label (RFC 7468 section 11), the older form in a header (RFC 1421). */
const isEncrypted = (pem: Buffer): boolean => /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem.toString("latin1"));

function tryKey(name: string, keyPath: string, parse: () => KeyObject): KeyObject {
  try {
    return parse();
  } catch (cause) {
    throw keyFailure(name, `${keyPath} holds no private key that can be read (${formatCause(cause)})`, cause);
  }
}
