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

/** A way out as written, with its name. `direct` is always among them. */
export interface BackendConfig {
  readonly name: string;
  readonly kind: ConfigFileBackend["kind"];
  readonly address?: { readonly host: string; readonly port: number };
  /** The backend through which the server is reached; absent: directly. */
  readonly via?: string;
  readonly tls?: ClientTls;
  readonly username?: string;
  /** Files, read for each connection. */
  readonly passwordPath?: string;
  readonly tokenPath?: string;
}

/** Paths are absolute. */
export type IdentityConfig =
  | { readonly kind: "file"; readonly name: string; readonly certPath: string; readonly keyPath: string }
  | { readonly kind: "pkcs11"; readonly name: string; readonly uri: string; readonly modulePath?: string; readonly pinPath?: string }
  | { readonly kind: "tpm2"; readonly name: string; readonly handle?: string; readonly certPath?: string };

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
