import type { ConfigFileBackend } from "../contract/index.ts";

/** Where a listener listens. `file` and `systemd` sockets have no port. */
export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "systemd"; readonly name: string };

/** Who on this machine may use a listener. */
export type Users = { readonly kind: "self" } | { readonly kind: "any" } | { readonly kind: "named"; readonly names: readonly string[] };

/** Certificate files of a server that we are; paths are absolute. */
export interface ServerTls {
  readonly certPath: string;
  readonly keyPath: string;
  readonly clientCaPath?: string;
  readonly crlPath?: string;
}

/** How we meet a server; paths are absolute. */
export interface ClientTls {
  readonly serverName?: string;
  /** Files, directories and words such as `system`; what they hold is in the snapshot's `pem`. Absent: the runtime's authorities. */
  readonly ca?: readonly string[];
  readonly identity?: string;
  readonly crlPath?: string;
  /** SHA-256 of accepted public keys, base64. */
  readonly pins: readonly string[];
  /** Files with more of them; what they hold is in the snapshot's `pem`. */
  readonly pinPaths: readonly string[];
  readonly uris: readonly string[];
  /** A script that has the last word; its text is in the snapshot's `pem`. */
  readonly verifyPath?: string;
  readonly dangerouslySkipVerification: boolean;
}

export type ListenerConfig =
  | {
      readonly kind: "proxy";
      readonly name: string;
      readonly listen: readonly ListenAddress[];
      readonly users: Users;
      readonly protocols: readonly ("socks5" | "http")[];
      readonly tls?: ServerTls;
      readonly login?: { readonly username: string; readonly passwordPath: string };
    }
  | {
      readonly kind: "persona";
      readonly name: string;
      readonly listen: readonly ListenAddress[];
      readonly users: Users;
      readonly target: { readonly host: string; readonly port: number };
      readonly protocol: string;
      readonly via: readonly string[];
      readonly tls?: ClientTls;
    }
  | { readonly kind: "gateway"; readonly name: string; readonly listen: readonly ListenAddress[] }
  | { readonly kind: "transparent"; readonly name: string; readonly listen: readonly ListenAddress[]; readonly users: Users };

/** Where a PAC file is; a file's text is in the snapshot's `pem`. */
export type PacSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "url"; readonly url: string; readonly refreshMs: number; readonly ca?: readonly string[] };

/** A way out as written, with its name. `direct` is always among them. */
export interface BackendConfig {
  readonly name: string;
  readonly kind: ConfigFileBackend["kind"];
  readonly address?: { readonly host: string; readonly port: number };
  /** The backend through which the server is reached; absent: directly. */
  readonly via?: string;
  readonly tls?: ClientTls;
  /** Absent: it is looked at by using it only. */
  readonly check?: {
    readonly everyMs: number;
    readonly timeoutMs: number;
    readonly target?: { readonly host: string; readonly port: number };
  };
  /** Authorities of proxies that a setting names; see `ClientTls.ca`. */
  readonly proxyCa?: readonly string[];
  readonly pac?: PacSource;
  readonly username?: string;
  /** Files, read for each connection. */
  readonly passwordPath?: string;
  readonly tokenPath?: string;
  /** Present: requests for `http:` are given to the proxy as they are, without a tunnel. */
  readonly forwardsPlain?: boolean;
  /** `http2`: at most so many to the proxy. */
  readonly connections?: number;
  /** Present for the kind `ssh`. */
  readonly ssh?: SshConfig;
}

/** How an SSH server is known, and how we log in there. Paths are absolute. */
export interface SshConfig {
  /** Absent: the person's own. */
  readonly knownHostsPath?: string;
  readonly firstUse: "ask" | "refuse";
  readonly identity?: string;
  readonly keyPath?: string;
  /** `true`: the agent that the environment names. */
  readonly agent: boolean | string;
}

/** Where a certificate comes from. Paths are absolute. */
export interface EnrolmentConfig {
  readonly url: string;
  /** Files, directories and words, as in {@link ClientTls}. */
  readonly ca?: readonly string[];
  readonly serverName?: string;
  readonly subject: {
    readonly commonName?: string;
    readonly organization?: string;
    readonly unit?: string;
    readonly country?: string;
  };
  /** `dns:…`, `email:…`, `uri:…`, `ip:…`. */
  readonly names: readonly string[];
  readonly algorithm: "ec-p256" | "ec-p384" | "rsa-2048" | "rsa-3072";
  readonly renewBeforeMs?: number;
  readonly by:
    | { readonly kind: "est"; readonly username?: string; readonly passwordPath?: string }
    | { readonly kind: "step-ca"; readonly tokenPath?: string }
    | {
        readonly kind: "acme";
        readonly contact?: string;
        readonly accountPath: string;
        readonly externalAccount?: string;
        readonly macPath?: string;
        readonly httpChallenge: { readonly host: string; readonly port: number };
      };
}

/** Paths are absolute. */
export type IdentityConfig = { readonly name: string; readonly enroll?: EnrolmentConfig } & (
  | { readonly kind: "file"; readonly certPath: string; readonly keyPath: string; readonly passwordPath?: string }
  | { readonly kind: "file"; readonly p12Path: string; readonly passwordPath?: string }
  | { readonly kind: "pkcs11"; readonly uri: string; readonly modulePath?: string; readonly pinPath?: string }
  | {
      readonly kind: "tpm2";
      readonly handle?: string;
      readonly token?: string;
      readonly label?: string;
      readonly id?: string;
      readonly pinPath?: string;
      readonly certPath?: string;
    }
);

/** The whole configuration in the agent's own nouns: checked, defaults filled in, times in ms, sizes in bytes, paths absolute. */
export interface Config {
  /** Absent: the built-in default. */
  readonly path?: string;
  /** The text as it was read; it holds no secret, because secrets are references. */
  readonly text: string;
  readonly listeners: readonly ListenerConfig[];
  readonly backends: readonly BackendConfig[];
  readonly identities: readonly IdentityConfig[];
  /** Absent: the built-in policy. */
  readonly policyPath?: string;
  /** What is loaded again by itself when it changes on the disk. */
  readonly watch: "trust" | "all" | "none";
  readonly audit: { readonly keepMs: number; readonly maxBytes: number; readonly sync: "process" | "full" };
  readonly metrics?: { readonly listen: readonly ListenAddress[] };
  readonly resolver: { readonly servers: readonly string[]; readonly timeoutMs: number };
  readonly limits: {
    readonly connections: number;
    readonly handshakeMs: number;
    readonly connectMs: number;
    readonly idleMs: number;
    readonly lifetimeMs: number;
    readonly drainMs: number;
  };
}
