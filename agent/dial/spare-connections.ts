import { Leash } from "../base/index.ts";
import { type Wheel, WheelEntry } from "../net/index.ts";
import type { Dialled, Dialler } from "./dialler.ts";
import { reachServer, type Server, type Use } from "./reach-server.ts";

/** For one server; a burst that takes more opens the rest itself. */
const MOST = 4;
/** Who dials again within this is busy. */
const BUSY_MS = 1000;
/** Unused for so long, a spare is closed: sooner than any server gets tired of a client that says nothing. */
const KEPT_MS = 4000;
const OPENING_MS = 10_000;

/** How much one server is asked for. */
interface Demand {
  lastAt: number;
  /** How many spares it deserves now. */
  wanted: number;
  readonly spares: Set<Spare>;
}

/** A connection to a server, open and secured, on which nothing was said. */
class Spare extends WheelEntry implements Dialler {
  readonly giveUp = new Leash();
  #open: (Dialled & { readonly kind: "open" }) | undefined;
  readonly #drop: (spare: Spare) => void;

  constructor(drop: (spare: Spare) => void) {
    super();
    this.#drop = drop;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  opened(open: Dialled & { readonly kind: "open" }): void {
    this.#open = open;
    const gone = (): void => {
      if (this.#open !== undefined) this.#drop(this);
    };
    // A server that hangs up, or that speaks before it is asked, is of no use. Whoever takes the leg reads from it instead.
    open.upstream.leg.peek().then(gone, gone);
  }

  /** It is what is reached, in place of a connection that would have to be opened. */
  readonly dial: Dialler["dial"] = () => {
    const open = this.#open;
    this.#open = undefined;
    return Promise.resolve(open ?? { kind: "failed", code: "INTERNAL", detail: "the spare connection is gone" });
  };

  close(): void {
    this.giveUp.pull("INTERNAL");
    this.#open?.upstream.leg.destroy();
    this.#open = undefined;
  }

  override fire(): void {
    this.#drop(this);
  }
}

/**
 * A few connections to each busy server, opened and secured before they are asked for: whoever comes next is spared two round trips and a
 * handshake. Nothing was sent on them. Only for servers that need nobody at hand: no PIN, no touch.
 * SECURITY: like a ticket, an open connection stands for what was verified when it was opened. It is used within seconds, only for the
 * configuration that it was opened for, and `clear` closes all.
 */
export class SpareConnections {
  readonly #wheel: Wheel;
  readonly #demands = new WeakMap<Server, Demand>();
  readonly #all = new Set<Spare>();

  constructor(wheel: Wheel) {
    this.#wheel = wheel;
  }

  /** A connection in place of one that would be opened now, if there is one. More are opened while the server is busy. */
  take(server: Server, backend: string): Dialler | undefined {
    const { secure } = server;
    if (secure === undefined || secure.ready !== undefined || secure.person !== undefined) return undefined;
    const demand = this.#demandOf(server);
    const now = this.#wheel.now();
    demand.wanted = now - demand.lastAt < BUSY_MS ? Math.min(MOST, demand.wanted + 1) : 0;
    demand.lastAt = now;
    const taken = [...demand.spares].find((spare) => spare.isOpen);
    if (taken !== undefined) this.#forget(taken, demand);
    while (demand.spares.size < demand.wanted) this.#open(server, demand, backend);
    return taken;
  }

  /** Close all: what they were opened with does not count any more. */
  clear(): void {
    for (const spare of this.#all) spare.fire();
  }

  #demandOf(server: Server): Demand {
    const known = this.#demands.get(server);
    if (known !== undefined) return known;
    const made: Demand = { lastAt: Number.NEGATIVE_INFINITY, wanted: 0, spares: new Set() };
    this.#demands.set(server, made);
    return made;
  }

  #open(server: Server, demand: Demand, backend: string): void {
    const spare = new Spare(() => {
      this.#forget(spare, demand);
      spare.close();
    });
    demand.spares.add(spare);
    this.#all.add(spare);
    const giveUp = (): void => {
      // Whoever dials for itself learns why; until somebody does, it is not tried again.
      demand.wanted = 0;
      spare.fire();
    };
    reachServer(server, sayNothing, { backend, connectMs: OPENING_MS, leash: spare.giveUp }).then((reached) => {
      if (reached.kind === "failed") return giveUp();
      const { leg, remote } = reached;
      if (spare.giveUp.code !== undefined) return leg.destroy();
      spare.opened({ kind: "open", upstream: { leg, backend, local: leg.local ?? remote, remote } });
      this.#wheel.arm(spare, KEPT_MS);
    }, giveUp);
  }

  #forget(spare: Spare, demand: Demand): void {
    this.#wheel.disarm(spare);
    demand.spares.delete(spare);
    this.#all.delete(spare);
  }
}

const sayNothing: Use<{ readonly kind: "open" }> = () => Promise.resolve({ kind: "open" });
