import { AgentError, formatCause, Leash } from "../base/index.ts";
import type { Route } from "../connection/index.ts";
import type { Leg } from "../net/index.ts";
import type { StartCarrier, Tunnel, TunnelFailure } from "./carrier.ts";
import { type Dialled, type Dialler, type DialFailure, dialFailed, type DialOptions } from "./dialler.ts";
import { inTime } from "./in-time.ts";
import { KeptCarrier } from "./kept-carrier.ts";
import { down, named, reachServer, type Server } from "./reach-server.ts";
import { unknownAddress } from "./server-dialler.ts";

export interface SharedServerOptions extends Server {
  readonly start: StartCarrier;
  /** At most so many connections at a time; one more is opened when all are full. Those that are retired do not count. */
  readonly connections: number;
  /** A connection without tunnels is closed after this. */
  readonly idleMs: number;
}

/**
 * SECURITY: like a TLS ticket, an open connection stands for what was verified when it was opened. No new tunnel trusts in that for longer
 * than this; those that are open go on.
 */
const FRESH_MS = 60 * 60_000;
/** A request that may be repeated is made so many times in all. */
const TRIES = 3;
/** When one more connection could not be opened while others live, the next is tried after this. */
const CROWDED_MS = 5000;

/** One tunnel that somebody waits for. */
interface Asking {
  readonly route: Route;
  readonly connectMs: number;
  /** Pulled when nobody waits any more. */
  readonly giveUp: Leash;
  /** How often the server was asked. */
  tries: number;
}

/**
 * A way out through a server that carries many tunnels on one connection. Connections are opened when they are needed, one at a time: all
 * who dial meanwhile wait for the same. A connection that breaks breaks its own tunnels and no others; the next to dial opens a new one.
 */
export class SharedServer implements Dialler {
  readonly #options: SharedServerOptions;
  readonly #kept = new Set<KeptCarrier>();
  /** In the order in which they came; told a failure, or nothing when there may be room now. */
  readonly #waiting = new Set<(failure?: DialFailure) => void>();
  /** The connection that is being opened. */
  #opening: { readonly leash: Leash; readonly kept: KeptCarrier } | undefined;
  #crowdedUntil = 0;
  #isRetired = false;
  #isClosed = false;

  constructor(options: SharedServerOptions) {
    this.#options = options;
  }

  readonly dial = (route: Route, { connectMs, leash }: DialOptions): Promise<Dialled> => {
    const asking: Asking = { route, connectMs, giveUp: new Leash(), tries: 0 };
    let opened: Leg | undefined;
    const work = this.#dial(asking).then((dialled) => {
      if (dialled.kind === "open") opened = dialled.upstream.leg;
      return dialled;
    });
    const abort = (): void => {
      asking.giveUp.pull("DIAL_TIMEOUT");
      opened?.destroy();
    };
    const { wheel, secure, person = secure?.person } = this.#options;
    return inTime(work, { wheel, leash, connectMs, abort, late: () => this.#late(asking), person });
  };

  /** No longer what is configured: what is open goes on; who still dials gets a connection that is closed with its last tunnel. */
  retire(): void {
    this.#isRetired = true;
    for (const kept of this.#kept) kept.retire();
  }

  /** What is open stands for trust that no longer holds, or for a person who has logged out: new tunnels take new connections. */
  renew(): void {
    this.#opening?.kept.retire();
    for (const kept of this.#kept) kept.retire();
  }

  /** The agent stops: everything is broken off. */
  close(): void {
    this.#isClosed = true;
    this.#opening?.leash.pull("INTERNAL");
    for (const kept of this.#kept) kept.destroy();
    this.#tellWaiting(closed());
  }

  async #dial(asking: Asking): Promise<Dialled> {
    const { route, giveUp } = asking;
    for (;;) {
      const taken = this.#take(asking);
      if (taken === undefined) {
        const failure = this.#isClosed ? closed() : await this.#news(asking);
        if (failure !== undefined) return failure;
        continue;
      }
      const tunnel = await taken.tunnel.catch(namedFailure);
      if (tunnel.kind === "open") {
        // Nobody waits for it any more.
        if (giveUp.code !== undefined) tunnel.leg.destroy();
        const { leg, local = unknownAddress } = tunnel;
        return { kind: "open", upstream: { leg, backend: route.backend, local, remote: taken.kept.remote ?? unknownAddress } };
      }
      if (tunnel.isRepeatable !== true || asking.tries === TRIES || giveUp.code !== undefined) return named(this.#options, tunnel);
    }
  }

  /** Ask for the tunnel on the first connection that has room. */
  #take(asking: Asking): { readonly kept: KeptCarrier; readonly tunnel: Promise<Tunnel> } | undefined {
    for (const kept of this.#kept) {
      if (kept.ageMs > FRESH_MS) kept.retire();
      const tunnel = kept.open(asking.route, asking.giveUp);
      if (tunnel === undefined) continue;
      asking.tries += 1;
      if (this.#isRetired) kept.retire();
      return { kept, tunnel };
    }
    return undefined;
  }

  /** Wait until there may be room, or is none to be had. */
  #news({ route, connectMs, giveUp }: Asking): Promise<DialFailure | undefined> {
    this.#openIfAllowed(route.backend, connectMs);
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      giveUp.watch(() => {
        this.#waiting.delete(resolve);
        resolve(dialFailed("INTERNAL", "given up"));
      });
    });
  }

  #openIfAllowed(backend: string, connectMs: number): void {
    if (this.#opening !== undefined) return;
    const living = this.#living();
    const isCrowded = living > 0 && this.#options.clock.monotonic() < this.#crowdedUntil;
    if (living < this.#options.connections && !isCrowded) void this.#open(backend, connectMs);
  }

  async #open(backend: string, connectMs: number): Promise<void> {
    const { wheel, idleMs, start } = this.#options;
    const leash = new Leash();
    const kept = new KeptCarrier({ wheel, idleMs, onChange: (changed) => this.#changed(changed) });
    this.#opening = { leash, kept };
    const reached = await reachServer(this.#options, (leg) => start(leg, kept), { backend, connectMs, leash }).catch((cause: unknown) =>
      dialFailed("INTERNAL", formatCause(cause)),
    );
    this.#opening = undefined;
    if (reached.kind === "reached") {
      kept.begin(reached.used.carrier, reached.remote);
      if (this.#isClosed) kept.destroy();
      else if (!kept.isGone) this.#kept.add(kept);
      this.#changed(kept);
    } else if (this.#living() === 0) this.#tellWaiting(reached);
    else this.#crowdedUntil = this.#options.clock.monotonic() + CROWDED_MS;
  }

  #living(): number {
    let living = 0;
    for (const { isRetired } of this.#kept) if (!isRetired) living += 1;
    return living;
  }

  /** As many look again as find room, and one more, which opens another connection where that is allowed. */
  #changed(kept: KeptCarrier): void {
    if (kept.isGone) this.#kept.delete(kept);
    let room = 0;
    for (const one of this.#kept) room += one.room;
    this.#tellWaiting(undefined, room + 1);
  }

  #tellWaiting(failure: DialFailure | undefined, atMost = Number.POSITIVE_INFINITY): void {
    let left = atMost;
    for (const tell of this.#waiting) {
      if (left === 0) return;
      left -= 1;
      this.#waiting.delete(tell);
      tell(failure);
    }
  }

  #late({ tries }: Asking): DialFailure {
    const { connections } = this.#options;
    if (tries > 0 || this.#living() === 0) return down(this.#options, "it did not answer in time");
    const detail = `all tunnels that the server allows on ${connections} connections are in use`;
    return named(this.#options, dialFailed("DIAL_RESOURCES", detail));
  }
}

/** A secret that cannot be read has a name; anything else is a mistake of ours. */
function namedFailure(cause: unknown): TunnelFailure {
  if (!(cause instanceof AgentError)) throw cause;
  return { ...dialFailed(cause.code, cause.detail), isBackendDown: true };
}

function closed(): DialFailure {
  return dialFailed("INTERNAL", "the way out is closed");
}
