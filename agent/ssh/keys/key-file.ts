import { readFile } from "node:fs/promises";
import type { ParsedKey } from "ssh2";
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
    const { default: ssh2 } = await import("ssh2");
    return keyOf(await parse({ path, ask, read: (passphrase) => readKey(ssh2.utils.parseKey(text, passphrase)) }));
  } finally {
    text.fill(0);
  }
}

interface Encrypted {
  readonly path: string;
  readonly ask: AskPassphrase;
  readonly read: (passphrase?: Buffer) => ParsedKey | Error;
}

async function parse({ path, ask, read }: Encrypted): Promise<ParsedKey> {
  const plain = read();
  if (!(plain instanceof Error)) return plain;
  if (!/encrypted/i.test(plain.message)) throw new AgentError("IDENTITY_KEY", `${path} holds no key that can be read (${plain.message})`);
  for (let tried = 0; tried < tries; tried += 1) {
    const passphrase = await ask(path, tried === 0 ? "needed" : "wrong");
    if (passphrase === undefined) throw new AgentError("IDENTITY_PIN", `the passphrase of ${path} was not given`);
    const bytes = Buffer.from(passphrase.buffer, passphrase.byteOffset, passphrase.byteLength);
    const key = read(bytes);
    bytes.fill(0);
    if (!(key instanceof Error)) return key;
  }
  throw new AgentError("IDENTITY_PIN", `the passphrase of ${path} is wrong`);
}

function readKey(parsed: ParsedKey | Error | readonly ParsedKey[]): ParsedKey | Error {
  const key = parsed instanceof Array ? parsed[0] : (parsed as ParsedKey | Error);
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
