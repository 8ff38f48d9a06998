import ssh2, { type Done, type ParsedKey } from "ssh2";
import type { SshKey } from "./ssh-key.ts";

export interface OwnKeysOptions {
  readonly open: () => Promise<readonly SshKey[]>;
  /** Begins when the person may be asked for something, and ends with it. */
  readonly whileAsking: <T>(work: Promise<T>) => Promise<T>;
}

/** Our own keys, as ssh2 asks an agent for them. */
export class OwnKeys extends ssh2.BaseAgent {
  readonly #options: OwnKeysOptions;
  #keys: readonly SshKey[] = [];

  constructor(options: OwnKeysOptions) {
    super();
    this.#options = options;
  }

  override getIdentities(done: Done<readonly Buffer[]>): void {
    const { open, whileAsking } = this.#options;
    whileAsking(open()).then(
      (keys) => {
        this.#keys = keys;
        done(
          null,
          keys.map(({ publicKey }) => publicKey),
        );
      },
      (cause: unknown) => done(asError(cause)),
    );
  }

  override sign(key: ParsedKey, data: Buffer, { hash }: { readonly hash?: string }, done: Done<Buffer>): void {
    const wanted = key.getPublicSSH();
    const own = this.#keys.find(({ publicKey }) => publicKey.equals(wanted));
    if (own === undefined) return done(new Error("there is no such key"));
    this.#options.whileAsking(own.sign(data, hash)).then(
      (signature) => done(null, signature),
      (cause: unknown) => done(asError(cause)),
    );
  }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
