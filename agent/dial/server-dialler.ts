import type { Duplex } from "node:stream";
import { AgentError, type Clock, formatCause, Leash } from "../base/index.ts";
import type { Route } from "../connection/index.ts";
import { type Address, formatAddress, type Leg, LegEnded, StreamLeg, type Upstream, type Wheel } from "../net/index.ts";
import { type Dialled, type Dialler, type DialFailure, dialFailed, type DialOptions } from "./dialler.ts";
import { inTime } from "./in-time.ts";
import { diagnoseTls } from "./tls/diagnose-tls.ts";

/** What a server said to our request for a tunnel. `local`: the address that it bound for us, when it says so. */
export type Negotiated = { readonly kind: "open"; readonly local?: Address } | DialFailure;

/** Asks the server for a tunnel in its own protocol. Rejects with LegEnded when the server goes away in the middle. */
export type Negotiate = (leg: Leg, route: Route) => Promise<Negotiated>;

/** A secured connection; not one byte of payload was sent or read. */
export interface Secured {
  readonly stream: Duplex;
}

/**
 * TLS with one server: whom to trust, which identity to show and what is kept for the next time are settled already. What it stands on, a
 * socket or any other stream, is owned from here on: closed when this rejects. Rejects with AgentError.
 */
export type Secure = (below: Duplex, again?: OpenAgain) => Promise<Secured>;

/** One more connection to the same server, for a handshake that cannot be finished on the first. Rejects with AgentError. */
export type OpenAgain = () => Promise<Duplex>;

export interface ServerDiallerOptions {
  readonly address: { readonly host: string; readonly port: number };
  /** Opens the connection to the server itself: directly, or through another way out. */
  readonly reach: Dialler;
  /** Present: the server is spoken to inside TLS. */
  readonly secure?: Secure;
  readonly negotiate: Negotiate;
  readonly clock: Clock;
  readonly wheel: Wheel;
}

/** A way out through a server that is asked for each tunnel. Names are resolved by the server: nothing is looked up here. */
export function createServerDialler(server: ServerDiallerOptions): Dialler {
  return { dial: (route, options) => dialThrough(route, options, server) };
}

async function dialThrough(route: Route, options: DialOptions, server: ServerDiallerOptions): Promise<Dialled> {
  const { address, reach, clock, wheel } = server;
  const { leash, connectMs } = options;
  const startedAt = clock.monotonic();
  const reached = await reach.dial({ backend: route.backend, ...address }, { connectMs, leash, admit: anyAddress });
  if (reached.kind === "failed") return leash.code === undefined ? unreachable(server, reached) : reached;
  const attempt = new Attempt(reached.upstream, route, { server, connectMs });
  return inTime(attempt.run(), {
    wheel,
    leash,
    connectMs: connectMs - (clock.monotonic() - startedAt),
    abort: () => attempt.abort(),
    late: () => attempt.late(),
  });
}

/** The server's address was written by whoever configured it; the policy judges destinations. */
const anyAddress = (): boolean => true;

/** One tunnel being opened on a connection to the server. */
class Attempt {
  readonly #reached: Upstream;
  readonly #route: Route;
  readonly #server: ServerDiallerOptions;
  readonly #connectMs: number;
  #leg: Leg;
  #isAborted = false;
  #isSecuring = false;
  /** TLS 1.3 servers judge our certificate after the handshake: what they say then arrives with the first reading. */
  #lateTrouble: Error | undefined;

  constructor(
    reached: Upstream,
    route: Route,
    { server, connectMs }: { readonly server: ServerDiallerOptions; readonly connectMs: number },
  ) {
    this.#connectMs = connectMs;
    this.#reached = reached;
    this.#leg = reached.leg;
    this.#route = route;
    this.#server = server;
  }

  abort(): void {
    this.#isAborted = true;
    this.#leg.destroy();
  }

  late(): DialFailure {
    if (!this.#isSecuring) return down(this.#server, "it did not answer in time");
    return { ...named(this.#server, dialFailed("TLS_TIMEOUT", "the handshake did not end in time")), isBackendDown: true };
  }

  async run(): Promise<Dialled> {
    try {
      await this.#secure();
      const negotiated = await this.#server.negotiate(this.#leg, this.#route);
      if (negotiated.kind === "open" && !this.#isAborted) return { kind: "open", upstream: this.#upstream(negotiated.local) };
      this.#leg.destroy();
      return negotiated.kind === "failed" ? named(this.#server, negotiated) : dialFailed("INTERNAL", "given up");
    } catch (cause) {
      this.#leg.destroy();
      return this.#failure(cause);
    }
  }

  async #secure(): Promise<void> {
    const { secure } = this.#server;
    if (secure === undefined) return;
    this.#isSecuring = true;
    const { stream } = await secure(this.#leg.release(), () => this.#reachAgain());
    this.#isSecuring = false;
    stream.on("error", (cause: Error) => {
      this.#lateTrouble ??= cause;
    });
    this.#leg = new StreamLeg(stream);
    if (this.#isAborted) this.#leg.destroy();
  }

  async #reachAgain(): Promise<Duplex> {
    if (this.#isAborted) throw new AgentError("DIAL_TIMEOUT", "given up");
    const { address, reach } = this.#server;
    // A leash of its own: the caller's is being watched for the whole attempt, and has room for one watcher.
    const again = await reach.dial(
      { backend: this.#route.backend, ...address },
      { connectMs: this.#connectMs, leash: new Leash(), admit: anyAddress },
    );
    if (again.kind === "failed") throw new AgentError(again.code, again.detail);
    return again.upstream.leg.release();
  }

  #upstream(local: Address | undefined): Upstream {
    const { backend } = this.#route;
    const { remote } = this.#reached;
    return { leg: this.#leg, backend, local: local ?? unknownAddress, remote };
  }

  #failure(cause: unknown): DialFailure {
    if (cause instanceof AgentError) return { ...named(this.#server, dialFailed(cause.code, cause.detail)), isBackendDown: true };
    if (!(cause instanceof LegEnded)) throw cause;
    if (this.#lateTrouble === undefined) return down(this.#server, formatCause(cause));
    const { code, detail } = diagnoseTls(this.#lateTrouble);
    return { ...named(this.#server, dialFailed(code, detail)), isBackendDown: true };
  }
}

/** RFC 1928 wants an address even where nobody said one. */
const unknownAddress: Address = { address: "0.0.0.0", port: 0 };

function unreachable(server: ServerDiallerOptions, { code, detail }: DialFailure): DialFailure {
  // Our own lack of resources, and a loop, are not the server's failures.
  if (code === "DIAL_RESOURCES" || code === "DIAL_LOOP") return named(server, dialFailed(code, detail));
  return down(server, detail);
}

function down(server: ServerDiallerOptions, detail: string): DialFailure {
  return { ...named(server, dialFailed("DIAL_BACKEND_DOWN", detail)), isBackendDown: true };
}

/** Whoever reads the detail must see at which machine it happened. */
function named({ address }: ServerDiallerOptions, failure: DialFailure): DialFailure {
  return { ...failure, detail: `${formatAddress({ address: address.host, port: address.port })}: ${failure.detail}` };
}
