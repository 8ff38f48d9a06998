/** As much of ssh2 1.17 as is used here. Its published types are kept by others and bring types of another Node with them. */
declare module "ssh2" {
  import type { EventEmitter } from "node:events";
  import type { Duplex } from "node:stream";

  /** One channel. It is a Duplex that emits `close` by itself and calls what it was given taken as soon as the window has room for it. */
  interface Channel extends Duplex {
    readonly incoming: { readonly state: "open" | "eof" | "closed" };
    close(): void;
  }

  interface ParsedKey {
    readonly type: string;
    getPublicSSH(): Buffer;
    isPrivateKey(): boolean;
    sign(data: Buffer, hash?: string): Buffer | Error;
  }

  type Done<T> = (cause: Error | null | undefined, done?: T) => void;

  class BaseAgent {
    getIdentities(done: Done<readonly (ParsedKey | Buffer)[]>): void;
    /** The signature without its algorithm: ECDSA as DER. */
    sign(key: ParsedKey, data: Buffer, options: { readonly hash?: string }, done: Done<Buffer>): void;
  }

  type Attempt =
    | { readonly type: "agent"; readonly username: string; readonly agent: BaseAgent | string }
    | { readonly type: "password"; readonly username: string; readonly password: Buffer };

  interface ConnectConfig {
    readonly sock: Duplex;
    readonly username: string;
    readonly authHandler: (
      methodsLeft: readonly string[] | null,
      partial: boolean | null,
      next: (attempt: Attempt | false) => void,
    ) => void;
    readonly hostVerifier: (key: Buffer, verify: (isGood: boolean) => void) => void;
    readonly algorithms: {
      readonly kex?: readonly string[];
      readonly cipher?: readonly string[];
      readonly serverHostKey?: readonly string[];
    };
    /** 0: no timer of its own. */
    readonly readyTimeout: number;
    readonly keepaliveInterval: number;
    readonly keepaliveCountMax: number;
    readonly ident?: string;
  }

  /** What encrypts. With an underscore: the library's own AES-GCM keeps it, as it stands before the next packet. */
  interface SshCipher {
    outSeqno: number;
    allocPacket(payloadBytes: number): Buffer;
    encrypt(packet: Buffer): void;
    free(): void;
    readonly _encSSLName?: string;
    readonly _encKey?: Buffer;
    readonly _encIV?: Buffer;
    readonly _onWrite?: (bytes: Buffer) => void;
  }

  interface SshDecipher {
    inSeqno: number;
    decrypt(data: Buffer, begin: number, end: number): number | undefined;
    free(): void;
    _onPayload: (payload: Buffer) => number | false | undefined;
    readonly _decipherSSLName?: string;
    readonly _decipherKey?: Buffer;
    readonly _decipherIV?: Buffer;
    /** Of the next packet's length, how many bytes are known. */
    readonly _lenBytes?: number;
  }

  class Client extends EventEmitter {
    readonly _protocol: { _cipher: SshCipher; _decipher: SshDecipher };
    connect(config: ConnectConfig): this;
    forwardOut(...given: [fromHost: string, fromPort: number, toHost: string, toPort: number, done: Done<Channel>]): this;
    end(): this;
    destroy(): this;
  }

  const ssh2: {
    readonly Client: typeof Client;
    readonly BaseAgent: typeof BaseAgent;
    readonly utils: { parseKey(data: Buffer, passphrase?: Buffer): ParsedKey | Error | readonly ParsedKey[] };
  };
  export type { Attempt, Channel, Client, ConnectConfig, Done, ParsedKey, SshCipher, SshDecipher };
  export default ssh2;
}
