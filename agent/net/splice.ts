import type { Leash } from "../base/index.ts";
import type { Leg } from "./leg.ts";
import type { Wheel } from "./wheel.ts";

export interface SpliceOptions {
  /** Cut when no byte moved in either direction for so long; Infinity for never. */
  readonly idleMs: number;
  /** Cut at this age; Infinity for never. */
  readonly lifetimeMs: number;
  readonly leash: Leash;
  readonly wheel: Wheel;
}

/** Why it ended. `cut`: by the leash. */
export type SplicedWhy = "finished" | "idle" | "lifetime" | "client_reset" | "server_reset" | "cut";

export interface Spliced {
  readonly why: SplicedWhy;
  readonly up: number;
  readonly down: number;
}

/** A splice that goes on. `up`: bytes from client to server. Reading the counts costs nothing to keep. */
export interface Splicing {
  readonly up: number;
  readonly down: number;
  readonly ended: Promise<Spliced>;
}

/** See splice-run. */
export declare function splice(client: Leg, server: Leg, options: SpliceOptions): Splicing;
