import { type Clock, formatCause, type Leash } from "../../base/index.ts";
import type { Carried, CarriedWhy, Carrying, Limits } from "../../connection/index.ts";
import type { FailureCode } from "../../contract/index.ts";
import { type Leg, LegEnded, splice, type Splicing, type Upstream, type Wheel, WheelEntry } from "../../net/index.ts";
import { type Forwarding, formatForwardedRequest, formatForwardedResponse } from "./forwarded-head.ts";
import { type Framing, frameResponse } from "./framing.ts";
import { listOf, onlyValueOf, parseResponseHead, type RequestHead, type ResponseHead } from "./head.ts";
import { type BodyEnd, moveBody } from "./move-body.ts";
import { readHead } from "./read-head.ts";

/** What is left of the two connections after an exchange. */
export interface Aftermath {
  /** The program may send its next request. Otherwise its connection is ended already. */
  readonly clientGoesOn: boolean;
  /** The way out is free for another request. Otherwise it is closed, or a tunnel now. */
  readonly upstreamGoesOn: boolean;
}

export interface ExchangeOptions {
  readonly client: Leg;
  readonly upstream: Upstream;
  /** The upstream served a request before: it may have closed in this very moment. */
  readonly isReused: boolean;
  readonly head: RequestHead;
  readonly headBytes: number;
  readonly forwarding: Forwarding;
  readonly limits: Limits;
  readonly leash: Leash;
  readonly clock: Clock;
  readonly wheel: Wheel;
  /** Asked when the answer begins: whether the client's connection shall end with it. */
  readonly isLast: () => boolean;
  /** The whole answer for a destination that failed before it answered. */
  readonly formatFailure: (code: FailureCode, detail: string) => Buffer;
  readonly done: (aftermath: Aftermath) => void;
}

const CHUNKED: Framing = { kind: "chunked" };
const CLOSE: Framing = { kind: "close" };

/** More interim answers than anybody sends in earnest. */
const maxInterim = 64;

/**
 * One request and its answer over two connections, both directions at once: a server may answer before it has read the whole request.
 *
 * INVARIANT: an answer that was cut short never looks complete: the client's connection is broken off instead (`exchange.test.ts`).
 */
export class HttpExchange implements Carrying {
  readonly ended: Promise<Carried>;
  readonly #options: ExchangeOptions;
  readonly #idle: WheelEntry;
  readonly #lifetime: WheelEntry;
  readonly #downBefore: number;
  #resolve: (carried: Carried) => void = () => undefined;
  #isSettled = false;
  #isAnswered = false;
  #isSent = false;
  #up: number;
  #down = 0;
  #tunnel: Splicing | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#up = options.headBytes;
    this.#downBefore = options.client.bytesWritten;
    this.#idle = new WheelEntry(() => this.#fail("idle", "CARRY_IDLE", "nothing moved for too long"));
    this.#lifetime = new WheelEntry(() => this.#fail("lifetime", "CARRY_LIFETIME", "it took longer than is allowed"));
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get up(): number {
    return this.#up + (this.#tunnel?.up ?? 0);
  }

  get down(): number {
    if (this.#tunnel !== undefined) return this.#down + this.#tunnel.down;
    return this.#isSettled ? this.#down : this.#options.client.bytesWritten - this.#downBefore;
  }

  start(): void {
    const { client, upstream, head, forwarding, limits, leash, wheel } = this.#options;
    wheel.arm(this.#idle, limits.idleMs);
    wheel.arm(this.#lifetime, limits.lifetimeMs);
    client.onGone(() => this.#fail("client_reset", "CARRY_CLIENT_RESET", "the program broke off"));
    leash.watch(() => this.#fail("cut", leash.code ?? "INTERNAL", "cut short"));
    upstream.leg.write(Buffer.from(formatForwardedRequest(head, forwarding), "latin1"));
    if (forwarding.framing.kind === "none") this.#isSent = true;
    else void this.#send(forwarding.framing);
    void this.#answer();
  }

  async #send(framing: Framing): Promise<void> {
    const { client, upstream, clock } = this.#options;
    let end: BodyEnd;
    try {
      end = await moveBody({
        from: client,
        framing,
        to: upstream.leg,
        chunked: framing.kind === "chunked",
        taken: this.#tookFromClient,
        clock,
      });
    } catch (cause) {
      if (cause instanceof LegEnded) return this.#fail("client_reset", "CARRY_CLIENT_RESET", "the program broke off within its request");
      return this.#fail("client_reset", "INTERNAL", formatCause(cause));
    }
    if (end.kind === "complete") this.#isSent = true;
    else if (end.kind === "bad") this.#fail("client_reset", "HTTP_BAD_REQUEST", end.detail);
    else if (end.kind === "truncated") this.#fail("client_reset", "HTTP_BAD_REQUEST", "the request ended before its body did");
    // An upstream that is gone is noticed where its answer is read: there may be one.
  }

  readonly #tookFromClient = (bytes: number): void => {
    this.#up += bytes;
    this.#moved();
  };

  readonly #moved = (): void => {
    if (!this.#isSettled) this.#options.wheel.arm(this.#idle, this.#options.limits.idleMs);
  };

  async #answer(): Promise<void> {
    try {
      for (let interim = 0; interim <= maxInterim; interim++) {
        const head = await this.#readAnswer();
        if (head === undefined) return;
        if (head.status === 101) return this.#switchProtocols(head);
        if (head.status >= 200) return await this.#deliver(head);
        this.#passInterim(head);
      }
      this.#fail("server_reset", "DIAL_PROTOCOL", "too many interim answers");
    } catch (cause) {
      if (cause instanceof LegEnded) this.#fail("server_reset", "CARRY_SERVER_RESET", "the server broke off");
      else this.#fail("server_reset", "INTERNAL", formatCause(cause));
    }
  }

  async #readAnswer(): Promise<ResponseHead | undefined> {
    const received = await readHead(this.#options.upstream.leg);
    this.#moved();
    if (received.kind === "head") {
      const head = parseResponseHead(received.text);
      if (head.kind === "response") return head;
      this.#fail("server_reset", "DIAL_PROTOCOL", head.detail);
    } else if (received.kind === "bad") this.#fail("server_reset", "DIAL_PROTOCOL", received.detail);
    else this.#fail("server_reset", "CARRY_SERVER_RESET", "the server closed without an answer");
    return undefined;
  }

  #passInterim(head: ResponseHead): void {
    const { client, forwarding } = this.#options;
    // RFC 9110 section 15.2: an HTTP/1.0 program cannot read it.
    if (this.#options.head.version === "1.0" || this.#isSettled) return;
    const text = formatForwardedResponse(head, { framing: { kind: "none" }, via: forwarding.via, close: false, declared: undefined });
    client.write(Buffer.from(text, "latin1"));
  }

  async #deliver(head: ResponseHead): Promise<void> {
    const { client, upstream, forwarding, clock } = this.#options;
    const { method, version, fields } = this.#options.head;
    const framing = frameResponse(head, method);
    if (framing.kind === "bad") return this.#fail("server_reset", "DIAL_PROTOCOL", framing.detail);
    if (this.#isSettled) return;
    const isMeasured = framing.kind === "none" || framing.kind === "length";
    const chunked = !isMeasured && version === "1.1";
    const goesOn = version === "1.1" && !listOf(fields, "connection").includes("close") && !this.#options.isLast();
    const declared = method === "HEAD" || head.status === 304 ? readLength(head) : undefined;
    const answer = { framing: isMeasured ? framing : chunked ? CHUNKED : CLOSE, via: forwarding.via, close: !goesOn, declared };
    this.#isAnswered = true;
    client.write(Buffer.from(formatForwardedResponse(head, answer), "latin1"));
    const end = await moveBody({ from: upstream.leg, framing, to: client, chunked, taken: this.#moved, clock });
    if (end.kind === "unwanted") return this.#fail("client_reset", "CARRY_CLIENT_RESET", "the program broke off");
    if (end.kind !== "complete") return this.#fail("server_reset", "CARRY_SERVER_RESET", "the answer was cut short");
    const reusable = head.version === "1.1" && framing.kind !== "close" && !listOf(head.fields, "connection").includes("close");
    this.#finish(goesOn, reusable);
  }

  #finish(goesOn: boolean, reusable: boolean): void {
    if (this.#isSettled) return;
    const { client, upstream } = this.#options;
    // SECURITY: what is left of a request that was answered early must not be read as the next one: the connection ends.
    const clientGoesOn = goesOn && this.#isSent;
    const upstreamGoesOn = reusable && this.#isSent && !upstream.leg.closed;
    if (!upstreamGoesOn) upstream.leg.destroy();
    if (!clientGoesOn) client.finish();
    this.#settle({ why: "finished" }, { clientGoesOn, upstreamGoesOn });
  }

  #switchProtocols(head: ResponseHead): void {
    const { client, upstream, forwarding, limits, leash, wheel } = this.#options;
    const agreed = forwarding.upgrade && onlyValueOf(head.fields, "upgrade")?.toLowerCase() === "websocket";
    if (!agreed) return this.#fail("server_reset", "DIAL_PROTOCOL", "the server switched to a protocol that was not asked for");
    if (this.#isSettled) return;
    const text = formatForwardedResponse(head, { framing: { kind: "none" }, via: forwarding.via, close: false, declared: undefined });
    client.write(Buffer.from(text, "latin1"));
    this.#down = client.bytesWritten - this.#downBefore;
    this.#release();
    const tunnel = splice(client, upstream.leg, { idleMs: limits.idleMs, lifetimeMs: limits.lifetimeMs, leash, wheel });
    this.#tunnel = tunnel;
    void tunnel.ended.then(({ why }) => {
      this.#isSettled = true;
      this.#options.done({ clientGoesOn: false, upstreamGoesOn: false });
      this.#resolve({ why, up: this.up, down: this.down });
    });
  }

  /** The one way in which an exchange goes wrong. Whoever comes second finds it settled. */
  #fail(why: CarriedWhy, code: FailureCode, detail: string): void {
    if (this.#isSettled || this.#tunnel !== undefined) return;
    const { client, upstream, isReused, formatFailure } = this.#options;
    upstream.leg.destroy();
    // A kept connection may close while the next request is on its way. Silence tells the program what happened: its own kept
    // connection is gone, and whether to repeat the request is its choice (RFC 9112 section 9.3.1).
    const isStale = isReused && code === "CARRY_SERVER_RESET";
    if (this.#isAnswered || isStale || code === "CARRY_CLIENT_RESET") client.destroy();
    else {
      client.write(formatFailure(code, detail));
      client.finish();
    }
    this.#settle({ why, detail }, { clientGoesOn: false, upstreamGoesOn: false });
  }

  #settle(how: { readonly why: CarriedWhy; readonly detail?: string }, aftermath: Aftermath): void {
    this.#down = this.down;
    this.#isSettled = true;
    this.#release();
    this.#options.done(aftermath);
    this.#resolve({ ...how, up: this.up, down: this.down });
  }

  #release(): void {
    const { client, leash, wheel } = this.#options;
    wheel.disarm(this.#idle);
    wheel.disarm(this.#lifetime);
    client.onGone(undefined);
    leash.watch(undefined);
  }
}

/** The length that stands in a head without a body. */
function readLength(head: ResponseHead): number | undefined {
  const value = onlyValueOf(head.fields, "content-length");
  return value === undefined ? undefined : Number(value);
}
