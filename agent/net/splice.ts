import type { Leash } from "../base/index.ts";
import type { Leg } from "./leg.ts";
import { LegBase, type LegWatcher } from "./leg-base.ts";
import { type Wheel, WheelEntry } from "./wheel.ts";

export interface SpliceOptions {
  /** Cut when no byte moved in either direction for so long; Infinity for never. */
  readonly idleMs: number;
  /** Cut at this age; Infinity for never. */
  readonly lifetimeMs: number;
  readonly leash: Leash;
  readonly wheel: Wheel;
}

/** Why it ended. `finished`: both sides ended, and everything was delivered. `cut`: the leash was pulled. */
export type SplicedWhy = "finished" | "idle" | "lifetime" | "client_reset" | "server_reset" | "cut";

export interface Spliced {
  readonly why: SplicedWhy;
  readonly up: number;
  readonly down: number;
}

/** A splice that goes on. `up`: bytes from client to server. Reading the counts at any moment costs nothing to keep. */
export interface Splicing {
  readonly up: number;
  readonly down: number;
  readonly ended: Promise<Spliced>;
}

/**
 * Join two legs until both have ended: the one splice of the house. Each direction ends by itself (a client that half-closes still gets
 * its answer), a slow reader stops the writer, a broken side breaks the other. It owns both legs from here on and closes both.
 */
export function splice(client: Leg, server: Leg, options: SpliceOptions): Splicing {
  if (!(client instanceof LegBase && server instanceof LegBase)) throw new TypeError("only legs of this room can be spliced");
  return new Splice(client, server, options);
}

/** How often an idle limit is looked at within its own length: it is kept with an eighth of tolerance. */
const IDLE_CHECKS = 8;

/** Waits on the wheel itself: one object for the whole of a tunnel. */
class Splice extends WheelEntry implements Splicing, LegWatcher {
  readonly ended: Promise<Spliced>;
  private readonly client: LegBase;
  private readonly server: LegBase;
  private readonly options: SpliceOptions;
  private readonly upBefore: number;
  private readonly downBefore: number;
  private readonly resolve: (spliced: Spliced) => void;
  private readonly startedAt: number;
  private lastRead = -1;
  private lastQueued = -1;
  private lastMovedAt: number;
  private over = false;

  constructor(client: LegBase, server: LegBase, options: SpliceOptions) {
    super();
    this.client = client;
    this.server = server;
    this.options = options;
    // What a handshake parser consumed is not payload; what it left unread is.
    this.upBefore = client.bytesRead - client.unreadLength;
    this.downBefore = server.bytesRead - server.unreadLength;
    const { promise, resolve } = Promise.withResolvers<Spliced>();
    this.ended = promise;
    this.resolve = resolve;
    this.startedAt = options.wheel.now();
    this.lastMovedAt = this.startedAt;
    this.arm();
    client.join(server, this);
    server.join(client, this);
    options.leash.watch(() => this.cut("cut"));
    if (!this.over) client.begin();
    if (!this.over) server.begin();
  }

  get up(): number {
    return this.client.bytesRead - this.upBefore;
  }

  get down(): number {
    return this.server.bytesRead - this.downBefore;
  }

  legEnded(leg: LegBase): void {
    if (this.over) return;
    const other = leg === this.client ? this.server : this.client;
    // Closing sends the last FIN by itself: no shutdown is needed when nothing is on its way.
    if (this.settled()) this.cut("finished");
    else other.end();
  }

  legFlushed(): void {
    if (!this.over && this.settled()) this.cut("finished");
  }

  legReset(leg: LegBase): void {
    this.cut(leg === this.client ? "client_reset" : "server_reset");
  }

  private settled(): boolean {
    const { client, server } = this;
    return client.readEnd === "ended" && server.readEnd === "ended" && client.flushed && server.flushed;
  }

  private arm(): void {
    const { idleMs, lifetimeMs, wheel } = this.options;
    wheel.arm(this, Math.min(idleMs / IDLE_CHECKS, this.startedAt + lifetimeMs - wheel.now()));
  }

  /** Look at the limits; armed again while they hold. */
  override fire(): void {
    const now = this.options.wheel.now();
    const read = this.client.bytesRead + this.server.bytesRead;
    // A reader that takes its time over what is queued is not idle either.
    const queued = this.client.queuedBytes + this.server.queuedBytes;
    if (read !== this.lastRead || queued !== this.lastQueued) {
      this.lastRead = read;
      this.lastQueued = queued;
      this.lastMovedAt = now;
    }
    if (now - this.startedAt >= this.options.lifetimeMs) this.cut("lifetime");
    else if (now - this.lastMovedAt >= this.options.idleMs) this.cut("idle");
    else this.arm();
  }

  private cut(why: SplicedWhy): void {
    if (this.over) return;
    this.over = true;
    const { up, down } = this;
    this.options.wheel.disarm(this);
    this.options.leash.watch(undefined);
    if (why === "client_reset" || why === "server_reset") {
      // The other side must not take a broken stream for a complete one.
      this.client.abort();
      this.server.abort();
    } else {
      this.client.destroy();
      this.server.destroy();
    }
    this.resolve({ why, up, down });
  }
}
