import { formatCause, type Logger } from "../../base/index.ts";
import type { Origin, Peer, Protocol } from "../../connection/index.ts";
import type { FailureCode } from "../../contract/index.ts";
import { h2Preface, type Leg, LegEnded, sniff, WheelEntry } from "../../net/index.ts";
import { formatTimeout, serveHttp } from "../http/index.ts";
import { serveHttp2 } from "../http2/index.ts";
import type { Admission, Arrival, Reception } from "../reception.ts";
import { originOf } from "./origin-of.ts";
import { refuseSocks4, serveSocks } from "../socks5/index.ts";

export type ProxyProtocol = "socks5" | "http";

const PREFACE = Buffer.from(h2Preface, "latin1");

/** Who opened a connection, or why it is not served. `anyone`: the listener's `users` lets everybody in, and nobody was looked for. */
export type Identified =
  | { readonly kind: "peer"; readonly peer: Peer }
  | { readonly kind: "anyone" }
  | { readonly kind: "refused"; readonly code: FailureCode; readonly detail: string; readonly peer?: Peer };

/** The `users` gate. `fd` is the accepted socket, -1 without one: for looking it up, never for reading or writing. */
export type Identify = (origin: Origin, fd: number) => Identified | Promise<Identified>;

export interface PorterOptions {
  readonly reception: Reception;
  readonly protocols: readonly ProxyProtocol[];
  readonly identify: Identify;
  readonly logger: Logger;
}

/** Receives each connection at the door: waits for its first bytes, asks who it is, shows it to the protocol that it speaks. */
export class Porter {
  readonly #options: PorterOptions;

  constructor(options: PorterOptions) {
    this.#options = options;
  }

  welcome(leg: Leg): void {
    const visit = new Visit(leg, this.#options);
    visit.begin(undefined);
  }

  /** The listener is full: hear what the connection wants, and say no in its own words. */
  turnBack(leg: Leg): void {
    const visit = new Visit(leg, this.#options);
    visit.begin({ kind: "refused", code: "ACCEPT_OVERLOADED", detail: "the listener's `connections` limit is reached" });
  }
}

/** One connection from accept until its request is understood. */
class Visit implements Arrival {
  readonly leg: Leg;
  admission: Admission = { kind: "admitted", peer: undefined };
  origin: Origin = { kind: "unix", path: "" };
  readonly #options: PorterOptions;
  /** One deadline for everything up to a complete request. A connection that stays silent, as browsers open some in advance, costs this. */
  readonly #deadline = new WheelEntry(() => this.#timeOut());
  #protocol: Protocol | undefined;
  #isTold = false;

  constructor(leg: Leg, options: PorterOptions) {
    this.leg = leg;
    this.#options = options;
  }

  begin(refused: Admission | undefined): void {
    const { reception } = this.#options;
    reception.wheel.arm(this.#deadline, reception.deadlines.handshakeMs);
    this.#receive(refused).catch((cause: unknown) => this.#lose(cause));
  }

  understood(): void {
    this.#options.reception.wheel.disarm(this.#deadline);
  }

  async #receive(refused: Admission | undefined): Promise<void> {
    const first = await this.leg.readSome();
    const speaks = this.#recognise(first);
    if (speaks === undefined) return;
    const origin = originOf(this.leg);
    if (origin === undefined) return this.#drop();
    this.origin = origin;
    const admission = refused ?? this.#admit();
    this.admission = admission instanceof Promise ? await admission : admission;
    if (this.leg.closed) return this.#drop();
    const { reception } = this.#options;
    if (speaks === "socks4") return refuseSocks4(reception, this);
    if (speaks === "socks5") return serveSocks(reception, this, first);
    const begun = await this.#readPreface(first);
    if (!begun.subarray(0, PREFACE.length).equals(PREFACE)) return serveHttp(reception, this, begun);
    this.#protocol = "h2";
    return serveHttp2(reception, this, begun);
  }

  /** Read on while this may still become the preface of HTTP/2: `P` may also begin POST. */
  async #readPreface(first: Buffer): Promise<Buffer> {
    let begun = first;
    while (begun.length < PREFACE.length && PREFACE.subarray(0, begun.length).equals(begun)) {
      const more = await this.leg.readSome();
      if (more.length === 0) break;
      begun = Buffer.concat([begun, more]);
    }
    return begun;
  }

  /**
   * Which protocol of ours it speaks; undefined when the connection is closed already. SECURITY: what we do not serve gets no answer at
   * all, so that nothing about us can be learned by sending noise.
   */
  #recognise(first: Buffer): "socks5" | "socks4" | "http" | undefined {
    const [byte] = first;
    const speaks = byte === undefined ? "unknown" : sniff(byte);
    if (speaks !== "tls" && speaks !== "unknown") {
      const family = speaks === "socks4" ? "socks5" : speaks;
      this.#protocol = family;
      if (this.#options.protocols.includes(family)) return speaks;
    }
    if (byte !== undefined) this.#report("HANDSHAKE_PROTOCOL", `the first byte is ${byte}`);
    this.#drop();
    return undefined;
  }

  #admit(): Admission | Promise<Admission> {
    const { reception, identify } = this.#options;
    if (reception.drain.hasBegun) return { kind: "refused", code: "AGENT_DRAINING", detail: "the agent is stopping" };
    try {
      const identified = identify(this.origin, this.leg.fd);
      return identified instanceof Promise
        ? identified.then(admissionOf, (cause: unknown) => this.#unidentified(cause))
        : admissionOf(identified);
    } catch (cause) {
      return this.#unidentified(cause);
    }
  }

  /** SECURITY: if it cannot be found out who asks, the answer is no. */
  #unidentified(cause: unknown): Admission {
    this.#options.logger.error("listener.identify_failed", { listener: this.#options.reception.listener, cause: formatCause(cause) });
    return { kind: "refused", code: "ACCEPT_UNKNOWN_USER", detail: "the look-up failed" };
  }

  #timeOut(): void {
    if (this.leg.bytesRead > 0) this.#report("HANDSHAKE_TIMEOUT", "the request was not complete in time");
    this.#isTold = true;
    if (this.#protocol !== "http") return this.leg.destroy();
    this.leg.write(formatTimeout());
    this.leg.finish();
  }

  #lose(cause: unknown): void {
    if (!(cause instanceof LegEnded)) {
      this.#options.logger.error("listener.failed", { listener: this.#options.reception.listener, cause: formatCause(cause) });
    } else if (!this.#isTold && this.leg.bytesRead > 0 && cause.end !== "closed") {
      this.#report("HANDSHAKE_GONE", "the program went away in the middle of its request");
    }
    this.#drop();
  }

  #drop(): void {
    this.understood();
    this.leg.destroy();
  }

  #report(code: FailureCode, detail: string): void {
    const { reception } = this.#options;
    const { origin, admission } = this;
    reception.turnedAway({ listener: reception.listener, protocol: this.#protocol, code, detail, origin, peer: admission.peer });
  }
}

function admissionOf(identified: Identified): Admission {
  if (identified.kind === "refused") return identified;
  return { kind: "admitted", peer: identified.kind === "peer" ? identified.peer : undefined };
}
