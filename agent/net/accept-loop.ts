import type { Clock, Logger } from "../base/index.ts";
import type { Address, Leg } from "./leg.ts";

/** Where to listen. A Unix socket is made for its owner only. An inherited descriptor listens already. */
export type ListenAt =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "fd"; readonly fd: number; readonly name: string };

export interface AcceptLoopOptions {
  readonly listen: readonly ListenAt[];
  /** A new connection. What it throws is logged, and the connection is closed. */
  readonly onLeg: (leg: Leg) => void;
  /** Beyond this many living connections new ones go to `onOverload`, or are closed. */
  readonly maxConnections: number;
  readonly onOverload?: (leg: Leg) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A listener that runs. */
export interface Acceptor {
  /** Real addresses, port 0 replaced, as people read them: `127.0.0.1:1080`, `[::1]:1080`, `unix:/run/…`. */
  readonly addresses: readonly string[];
  /** The TCP ones among them. */
  readonly bound: readonly Address[];
  /** Living connections accepted here and not yet closed or released. */
  readonly connections: number;
  /** Take no new connections; living ones go on. Resolves when the ports are free. A second call is the same promise. */
  stop(): Promise<void>;
  /** Stop, wait for the living ones at most `drainMs`, then destroy them. */
  close(drainMs: number): Promise<void>;
}

/** Open all of `options.listen`, or none: a failure closes what was opened and rejects with AGENT_LISTEN. */
export declare function acceptLoop(options: AcceptLoopOptions): Promise<Acceptor>;
