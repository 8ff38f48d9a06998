import type { Clock } from "../base/index.ts";
import type { Origin, Peer, Protocol, Serve } from "../connection/index.ts";
import type { FailureCode } from "../contract/index.ts";
import type { Leg, Upstream, Wheel } from "../net/index.ts";
import type { CheckLogin } from "./login.ts";

/** What every listener is given. All of it belongs to somebody else: a listener understands, asks and answers; it decides nothing. */
export interface Reception {
  /** The listener's name in the configuration. */
  readonly listener: string;
  /** Who takes over each request that was understood. */
  readonly serve: Serve<Upstream>;
  readonly clock: Clock;
  readonly wheel: Wheel;
  /** A new name for a request; sorts by time. */
  readonly nextId: () => string;
  /** The short name by which person, support and record find a request. */
  readonly incidentOf: (id: string) => string;
  /** The one spelling of a host, or undefined for what is no host. */
  readonly canonicalHost: (host: string) => string | undefined;
  /** Present: every client must log in. */
  readonly checkLogin?: CheckLogin;
  /** Told about clients that were sent away before there was a request; gives the incident by which the refusal is found. Must not throw. */
  readonly turnedAway: (refused: TurnedAway) => string;
  readonly deadlines: Deadlines;
  /** Set once the agent stops: whoever comes is told so, and connections end with the answer that they wait for. */
  readonly drain: Drain;
  /** Requests that share a connection with others; the connection itself is counted by who accepted it. */
  readonly crowd: Crowd;
}

/** Counts streams as connections, so that the listener's limit means the same in every protocol. */
export interface Crowd {
  /** False: the limit is reached. Counted either way, until {@link leave}. */
  enter(): boolean;
  leave(): void;
}

/** Coarse, as the wheel is: never early, up to two seconds late. */
export interface Deadlines {
  /** From accept, or from the first byte of a later request, to the last byte of the request. */
  readonly handshakeMs: number;
  /** How long an HTTP connection may wait for its next request. */
  readonly keepAliveMs: number;
}

export const defaultDeadlines: Deadlines = { handshakeMs: 10_000, keepAliveMs: 75_000 };

/** Somebody who was refused before a request was understood. */
export interface TurnedAway {
  readonly listener: string;
  readonly protocol: Protocol | undefined;
  readonly code: FailureCode;
  readonly detail: string;
  readonly origin: Origin;
  readonly peer: Peer | undefined;
}

/** Who opened a connection, as the `users` gate found out; or why it may not be served. */
export type Admission =
  | { readonly kind: "admitted"; readonly peer: Peer | undefined }
  | { readonly kind: "refused"; readonly code: FailureCode; readonly detail: string; readonly peer?: Peer };

/** An accepted connection whose first bytes are here and whose owner is known. */
export interface Arrival {
  readonly leg: Leg;
  readonly origin: Origin;
  readonly admission: Admission;
  /** Stop the clock that runs since accept: the request is complete. */
  understood(): void;
}

/** Tells connections that wait for their next request that none will be served. */
export class Drain {
  readonly #waiting = new Set<() => void>();
  #hasBegun = false;

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** End everything that only waits. What is under way goes on. */
  begin(): void {
    this.#hasBegun = true;
    for (const stop of this.#waiting) stop();
    this.#waiting.clear();
  }

  /** `stop` runs when the drain begins, at once if it has begun, and not any more after {@link forget}. */
  onBegin(stop: () => void): void {
    if (this.#hasBegun) stop();
    else this.#waiting.add(stop);
  }

  forget(stop: () => void): void {
    this.#waiting.delete(stop);
  }
}
