import type { Leash } from "../base/index.ts";
import type { FailureCode, Route } from "../connection/index.ts";
import type { Upstream } from "../net/index.ts";

export interface DialOptions {
  /** For the whole of it: name, connection, and what the backend wants to negotiate. */
  readonly connectMs: number;
  /** Pulled: give up at once. */
  readonly leash: Leash;
  /**
   * Asked about each address that the destination resolved to here, before it is tried. SECURITY: a name must not lead to an address
   * that a rule on addresses forbids. A backend that resolves names far away does not ask.
   */
  readonly admit: (address: string, port: number) => boolean | Promise<boolean>;
  /** What will be sent is a request for `http:`, which a proxy may take without a tunnel. */
  readonly isPlainHttp?: boolean;
}

export type Dialled = { readonly kind: "open"; readonly upstream: Upstream } | DialFailure;

export interface DialFailure {
  readonly kind: "failed";
  readonly code: FailureCode;
  readonly detail: string;
  /**
   * No other way may be tried: bytes for the destination may have left, and another try could do something twice, or a way out gave
   * its own "no", which is not to be got round.
   */
  readonly sent?: boolean;
  /** The way out itself does not work, whatever the destination: the next connection had better try another first. */
  readonly isBackendDown?: boolean;
}

/** One kind of way out. Never rejects for anything that happens on the network. */
export interface Dialler {
  readonly dial: (route: Route, options: DialOptions) => Promise<Dialled>;
  /** It failed a moment ago: others are to be tried first. Absent: never. */
  readonly isResting?: () => boolean;
}

export function dialFailed(code: FailureCode, detail: string): DialFailure {
  return { kind: "failed", code, detail };
}
