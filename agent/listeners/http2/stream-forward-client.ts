import type { Leash } from "../../base/index.ts";
import type { Carrying, Client, Limits, Refusal } from "../../connection/index.ts";
import type { Upstream, Wheel } from "../../net/index.ts";
import { type Framing, HttpExchange, type RequestHead, type Understood, viaName } from "../http/index.ts";
import { type Answered, refuseStream } from "./answer-stream.ts";
import { StreamCaller } from "./stream-caller.ts";

export interface StreamForwardOptions {
  readonly asked: Answered & { readonly head: RequestHead };
  readonly understood: Understood & { readonly kind: "forward" };
  /** Canonical. */
  readonly host: string;
  readonly headBytes: number;
  /** How the body comes, and how it goes on. */
  readonly framing: { readonly comes: Framing; readonly goes: Framing };
  /** For what goes wrong after the way out was open. */
  readonly incident: string;
  readonly wheel: Wheel;
}

/** The two verbs for one request that goes on in HTTP/1.1. Its way out is its own and closed with the answer. */
export class StreamForwardClient implements Client<Upstream> {
  readonly isPlainHttp = true;
  readonly #options: StreamForwardOptions;
  #hasSpoken = false;

  constructor(options: StreamForwardOptions) {
    this.#options = options;
  }

  carry(upstream: Upstream, limits: Limits, leash: Leash): Carrying {
    this.#hasSpoken = true;
    const { asked, understood, host, headBytes, framing, incident, wheel } = this.#options;
    const caller = new StreamCaller({
      ...asked,
      framing: framing.comes,
      via: viaName,
      fail: (code, detail) => this.#say({ code, incident, detail }),
    });
    const exchange = new HttpExchange({
      caller,
      upstream,
      isReused: false,
      head: asked.head,
      headBytes,
      forwarding: { target: understood.target, host, framing: framing.goes, upgrade: false, via: viaName },
      limits,
      leash,
      wheel,
      done: () => upstream.leg.destroy(),
    });
    exchange.start();
    return exchange;
  }

  refuse(refusal: Refusal): Promise<void> {
    this.#hasSpoken = true;
    this.#say(refusal);
    return Promise.resolve();
  }

  onGone(gone: () => void): void {
    this.#options.asked.leg.onGone(gone);
  }

  /** The conductor is through. If it used neither verb, nobody will answer any more. */
  abandon(): void {
    if (!this.#hasSpoken) this.#options.asked.leg.destroy();
  }

  #say(refusal: Refusal): void {
    refuseStream(this.#options.asked, refusal, { host: this.#options.host, followable: true });
  }
}
