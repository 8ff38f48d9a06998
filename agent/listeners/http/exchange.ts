import { type AgentError, formatCause, type Leash } from "../../base/index.ts";
import type { Carried, CarriedWhy, Carrying, Limits } from "../../connection/index.ts";
import type { FailureCode } from "../../contract/index.ts";
import { LegEnded, splice, type Splicing, type Upstream, type Wheel, WheelEntry } from "../../net/index.ts";
import type { Caller } from "./caller.ts";
import { type Forwarding, formatForwardedRequest } from "./forwarded-head.ts";
import { type Framing, frameResponse } from "./framing.ts";
import { listOf, onlyValueOf, parseResponseHead, type RequestHead, type ResponseHead, valuesOf } from "./head.ts";
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
  readonly caller: Caller;
  readonly upstream: Upstream;
  /** The upstream served a request before: it may have closed in this very moment. */
  readonly isReused: boolean;
  readonly head: RequestHead;
  readonly headBytes: number;
  readonly forwarding: Forwarding;
  readonly limits: Limits;
  readonly leash: Leash;
  readonly wheel: Wheel;
  readonly done: (aftermath: Aftermath) => void;
}

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
    this.#downBefore = options.caller.leg.bytesWritten;
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
    return this.#isSettled ? this.#down : this.#options.caller.leg.bytesWritten - this.#downBefore;
  }

  start(): void {
    const { caller, upstream, head, forwarding, limits, leash, wheel } = this.#options;
    wheel.arm(this.#idle, limits.idleMs);
    wheel.arm(this.#lifetime, limits.lifetimeMs);
    caller.leg.onGone(() => this.#fail("client_reset", "CARRY_CLIENT_RESET", "the program broke off"));
    leash.watch(() => this.#fail("cut", leash.code ?? "INTERNAL", "cut short"));
    upstream.leg.write(Buffer.from(formatForwardedRequest(head, forwarding, upstream.forward), "latin1"));
    if (caller.framing.kind === "none") this.#isSent = true;
    else void this.#send(caller.framing);
    void this.#answer();
  }

  async #send(framing: Framing): Promise<void> {
    const { caller, upstream, forwarding } = this.#options;
    let end: BodyEnd;
    try {
      end = await moveBody({
        from: caller.leg,
        framing,
        to: upstream.leg,
        chunked: forwarding.framing.kind === "chunked",
        taken: this.#tookFromClient,
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
        const refusal = this.#refusalIn(head);
        if (refusal !== undefined) return this.#fail("denied", refusal.code, refusal.detail);
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

  /** What the proxy wants for itself is ours to answer, not the program's: it knows of no proxy behind this one. */
  #refusalIn({ status, reason, fields }: ResponseHead): AgentError | undefined {
    const schemes = valuesOf(fields, "proxy-authenticate").flatMap((challenge) => challenge.split(" ", 1));
    return this.#options.upstream.forward?.refusal({ status, reason, schemes });
  }

  #passInterim(head: ResponseHead): void {
    if (!this.#isSettled) this.#options.caller.passInterim(head);
  }

  async #deliver(head: ResponseHead): Promise<void> {
    const { caller, upstream } = this.#options;
    const framing = frameResponse(head, this.#options.head.method);
    if (framing.kind === "bad") return this.#fail("server_reset", "DIAL_PROTOCOL", framing.detail);
    if (this.#isSettled) return;
    this.#isAnswered = true;
    const { chunked, goesOn } = caller.beginAnswer(head, framing);
    const end = await moveBody({ from: upstream.leg, framing, to: caller.leg, chunked, taken: this.#moved });
    if (end.kind === "unwanted") return this.#fail("client_reset", "CARRY_CLIENT_RESET", "the program broke off");
    if (end.kind !== "complete") return this.#fail("server_reset", "CARRY_SERVER_RESET", "the answer was cut short");
    const reusable = head.version === "1.1" && framing.kind !== "close" && !listOf(head.fields, "connection").includes("close");
    this.#finish(goesOn, reusable);
  }

  #finish(goesOn: boolean, reusable: boolean): void {
    if (this.#isSettled) return;
    const { caller, upstream } = this.#options;
    // SECURITY: what is left of a request that was answered early must not be read as the next one: the connection ends.
    const clientGoesOn = goesOn && this.#isSent;
    const upstreamGoesOn = reusable && this.#isSent && !upstream.leg.closed;
    if (!upstreamGoesOn) upstream.leg.destroy();
    caller.endAnswer(clientGoesOn);
    this.#settle({ why: "finished" }, { clientGoesOn, upstreamGoesOn });
  }

  #switchProtocols(head: ResponseHead): void {
    const { caller, upstream, forwarding, limits, leash, wheel } = this.#options;
    const agreed = forwarding.upgrade && onlyValueOf(head.fields, "upgrade")?.toLowerCase() === "websocket";
    if (!agreed) return this.#fail("server_reset", "DIAL_PROTOCOL", "the server switched to a protocol that was not asked for");
    if (this.#isSettled) return;
    caller.switchProtocols(head);
    this.#down = caller.leg.bytesWritten - this.#downBefore;
    this.#release();
    const tunnel = splice(caller.leg, upstream.leg, { idleMs: limits.idleMs, lifetimeMs: limits.lifetimeMs, leash, wheel });
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
    const { caller, upstream, isReused } = this.#options;
    upstream.leg.destroy();
    // A kept connection may close while the next request is on its way. Silence tells the program what happened: its own kept
    // connection is gone, and whether to repeat the request is its choice (RFC 9112 section 9.3.1).
    const isStale = isReused && code === "CARRY_SERVER_RESET";
    const isSilent = this.#isAnswered || isStale || code === "CARRY_CLIENT_RESET";
    if (isSilent) caller.breakOff();
    else caller.fail(code, detail);
    this.#settle({ why, detail, ...(isSilent ? {} : { code }) }, { clientGoesOn: false, upstreamGoesOn: false });
  }

  #settle(how: Omit<Carried, "up" | "down">, aftermath: Aftermath): void {
    this.#down = this.down;
    this.#isSettled = true;
    this.#release();
    this.#options.done(aftermath);
    this.#resolve({ ...how, up: this.up, down: this.down });
  }

  #release(): void {
    const { caller, leash, wheel } = this.#options;
    wheel.disarm(this.#idle);
    wheel.disarm(this.#lifetime);
    caller.leg.onGone(undefined);
    leash.watch(undefined);
  }
}
