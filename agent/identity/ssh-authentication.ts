/**
 * SECURITY: beside the proof of a TLS client, a key signs that an SSH connection is ours, and nothing that could be taken for anything else.
 * RFC 4252 section 7 says what that is:
 *
 *   string session id · byte 50 · string user · string "ssh-connection" · string "publickey" · boolean TRUE · string algorithm · string key
 *
 * The session id is a hash that this connection's two ends have made together, so that the signature opens no other.
 */

/** An SSH server is asked to let a key in. */
export interface SshAuthentication {
  /** How it is signed: `rsa-sha2-256`, `ecdsa-sha2-nistp256`, … */
  readonly algorithm: SshAlgorithm;
  /** The public key as it travels. */
  readonly publicKey: Buffer;
}

/** RFC 5656 section 6.2.1 and RFC 8332 section 3: to each its hash. Nothing signs with SHA-1. */
export const sshAlgorithms = {
  "ecdsa-sha2-nistp256": { keyType: "ec", digest: "sha256", padding: "none" },
  "ecdsa-sha2-nistp384": { keyType: "ec", digest: "sha384", padding: "none" },
  "rsa-sha2-256": { keyType: "rsa", digest: "sha256", padding: "pkcs1" },
  "rsa-sha2-512": { keyType: "rsa", digest: "sha512", padding: "pkcs1" },
} as const;
export type SshAlgorithm = keyof typeof sshAlgorithms;

/** Lengths of SHA-1, SHA-256, SHA-384 and SHA-512, which key exchanges end with. */
const sessionIdLengths = [20, 32, 48, 64];
const userauthRequest = 50;
const longest = 16 * 1024;

/** What `message` asks an SSH server for; undefined when it is anything else, or has one byte too many. */
export function parseSshAuthentication(message: Uint8Array): SshAuthentication | undefined {
  if (message.length > longest) return undefined;
  const fields = new Fields(Buffer.from(message.buffer, message.byteOffset, message.byteLength));
  const isOurs =
    sessionIdLengths.includes(fields.string().length) &&
    fields.byte() === userauthRequest &&
    fields.string().length > 0 &&
    fields.text() === "ssh-connection" &&
    fields.text() === "publickey" &&
    fields.byte() === 1;
  const algorithm = fields.text();
  const publicKey = fields.string();
  if (!isOurs || !fields.isAtEnd || !isAlgorithm(algorithm)) return undefined;
  const isFitting = new Fields(publicKey).text() === (algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm);
  return isFitting ? { algorithm, publicKey } : undefined;
}

function isAlgorithm(name: string): name is SshAlgorithm {
  return Object.hasOwn(sshAlgorithms, name);
}

const nothing = Buffer.alloc(0);

/** RFC 4251 section 5. Whatever is torn reads as nothing, and the end is never reached. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number | undefined {
    return this.#take(1)[0];
  }

  string(): Buffer {
    const length = this.#take(4);
    return length.length < 4 ? nothing : this.#take(length.readUInt32BE(0));
  }

  text(): string {
    return this.string().toString("latin1");
  }

  #take(count: number): Buffer {
    const from = this.#at;
    this.#at += count;
    if (this.#at > this.#bytes.length) this.#at = Number.POSITIVE_INFINITY;
    return this.#at > this.#bytes.length ? nothing : this.#bytes.subarray(from, from + count);
  }
}
