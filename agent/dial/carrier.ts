import type { Leash } from "../base/index.ts";
import type { Route } from "../connection/index.ts";
import type { Address, Leg } from "../net/index.ts";
import type { DialFailure } from "./dialler.ts";

/**
 * One connection to a server that carries many tunnels: a session of HTTP/2, a connection of SSH. It knows its protocol and nothing
 * else; how many of them there are, when one more is opened and when one is closed is the business of `SharedServer`.
 */
export interface Carrier {
  /** Tunnels that are open or being opened. A change is told to {@link CarrierWatcher.changed}. */
  readonly tunnels: number;
  /** How many more it takes now: 0 when it is full, retired or gone. `open` takes one of them before it returns. */
  readonly room: number;
  /**
   * One more tunnel. Never rejects for anything that happens on the network; with AgentError for what else has a name. When `giveUp` is
   * pulled, the request is taken back and what it answers interests nobody.
   */
  open(route: Route, giveUp: Leash): Promise<Tunnel>;
  /** Take no more tunnels; close politely when the last has ended, at once without any. A second call does nothing. */
  retire(): void;
  /** Close now; the tunnels are broken off. A second call does nothing. */
  destroy(): void;
}

/** What became of the request for one tunnel. */
export type Tunnel = TunnelOpen | TunnelFailure;

export interface TunnelOpen {
  readonly kind: "open";
  /** Must end its tunnel when it is destroyed. */
  readonly leg: Leg;
  /** The address that the server bound for us, when it says so. */
  readonly local?: Address;
}

export interface TunnelFailure extends DialFailure {
  /**
   * It may be asked for again, on another connection: the server surely did nothing with the request, or the connection, which had worked
   * before, went away without an answer. Nothing was sent into the tunnel.
   */
  readonly isRepeatable?: boolean;
}

/** Whom a carrier tells. Nothing is told before {@link StartCarrier} has resolved. */
export interface CarrierWatcher {
  /** A tunnel has ended, or the server allows another number of them. */
  changed(): void;
  /** The server wants no more tunnels on this connection; those that are open may go on. */
  retired(): void;
  /** The connection is closed and its tunnels are broken off or over. Told once, and nothing after it. */
  gone(): void;
}

/**
 * Begins to speak with the server on a connection that is open and, if wanted, secured. The leg is closed by the caller when this
 * fails, and is the carrier's own when it succeeds. Rejects with LegEnded when the server goes away in the middle, with AgentError for what
 * has a name.
 */
export type StartCarrier = (leg: Leg, watcher: CarrierWatcher) => Promise<CarrierStarted | DialFailure>;

export interface CarrierStarted {
  readonly kind: "open";
  readonly carrier: Carrier;
}
