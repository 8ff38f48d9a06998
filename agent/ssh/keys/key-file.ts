import { readFile } from "node:fs/promises";
import ssh2, { type ParsedKey } from "ssh2";
import { AgentError, formatCause } from "../../base/index.ts";
import type { SshKey } from "./ssh-key.ts";

/** Asks the person for the passphrase of a file, as UTF-8; undefined for "no". What it answers is overwritten after use. */
export type AskPassphrase = (path: string, why: "needed" | "wrong") => Promise<Uint8Array | undefined>;

const tries = 3;

/** A private key in a file, in OpenSSH's own format, PEM or PuTTY's, encrypted or not. Rejects with AgentError. */
export async function openKeyFile(path: string, ask: AskPassphrase): Promise<SshKey> {
  const text = await readFile(path).catch((cause: unknown) => {
    throw new AgentError("IDENTITY_KEY", formatCause(cause), { cause });
  });
  try {
    return keyOf(await parse(text, path, ask));
  } finally {
    text.fill(0);
  }
}

async function parse(text: Buffer, path: string, ask: AskPassphrase): Promise<ParsedKey> {
  const plain = tryParse(text);
  if (!(plain instanceof Error)) return plain;
  if (!/encrypted/i.test(plain.message)) throw new AgentError("IDENTITY_KEY", `${path} holds no key that can be read (${plain.message})`);
  for (let tried = 0; tried < tries; tried += 1) {
    const passphrase = await ask(path, tried === 0 ? "needed" : "wrong");
    if (passphrase === undefined) throw new AgentError("IDENTITY_PIN", `the passphrase of ${path} was not given`);
    const bytes = Buffer.from(passphrase.buffer, passphrase.byteOffset, passphrase.byteLength);
    const key = tryParse(text, bytes);
    bytes.fill(0);
    if (!(key instanceof Error)) return key;
  }
  throw new AgentError("IDENTITY_PIN", `the passphrase of ${path} is wrong`);
}

function tryParse(text: Buffer, passphrase?: Buffer): ParsedKey | Error {
  const parsed = ssh2.utils.parseKey(text, passphrase);
  const key = Array.isArray(parsed) ? (parsed as readonly ParsedKey[])[0] : (parsed as ParsedKey | Error);
  if (key === undefined) return new Error("it is empty");
  return key instanceof Error || key.isPrivateKey() ? key : new Error("it is a public key");
}

function keyOf(key: ParsedKey): SshKey {
  return {
    publicKey: key.getPublicSSH(),
    sign: (request, hash) => {
      const signature = key.sign(request, hash);
      if (signature instanceof Error) return Promise.reject(new AgentError("IDENTITY_KEY", signature.message));
      return Promise.resolve(signature);
    },
  };
}
