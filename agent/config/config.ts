import type { ConfigFileBackend, ConfigFileIdentity } from "../contract/index.ts";

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
}

/** How we meet a server; paths are absolute. */
export interface ClientTls {
  readonly serverName?: string;
  readonly caPath?: string;
  readonly identity?: string;
}

export type ListenerConfig =
  | {
      readonly kind: "proxy";
      readonly name: string;
      readonly listen: readonly ListenAddress[];
      readonly users: Users;
      readonly protocols: readonly ("socks5" | "http")[];
      readonly tls?: ServerTls;
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
  readonly tls?: ClientTls;
}

export interface IdentityConfig {
  readonly name: string;
  readonly kind: ConfigFileIdentity["kind"];
}

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
