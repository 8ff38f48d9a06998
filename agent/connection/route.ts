/** One way out for an allowed request: a configured backend, or the built-in `direct`. */
export interface Route {
  readonly backend: string;
  /** Canonical host and port to reach through it. */
  readonly host: string;
  readonly port: number;
}

/** Bounds on one connection; the smallest of configuration and verdict holds. All in milliseconds. */
export interface Limits {
  readonly connectMs: number;
  readonly idleMs: number;
  readonly lifetimeMs: number;
}
