import type { Leash } from "../../base/index.ts";
import type { Carrying, Client, Limits, Refusal } from "../../connection/index.ts";
import { splice, type Upstream, type Wheel } from "../../net/index.ts";
import { type Answered, beginAnswer, refuseStream } from "./answer-stream.ts";

/** The two verbs for CONNECT on a stream (RFC 9113 section 8.5). */
export class TunnelClient implements Client<Upstream> {
  readonly #asked: Answered;
  readonly #wheel: Wheel;

  constructor(asked: Answered, wheel: Wheel) {
    this.#asked = asked;
    this.#wheel = wheel;
  }

  carry(upstream: Upstream, limits: Limits, leash: Leash): Carrying {
    const { stream, leg } = this.#asked;
    beginAnswer(stream, 200, []);
    return splice(leg, upstream.leg, { idleMs: limits.idleMs, lifetimeMs: limits.lifetimeMs, leash, wheel: this.#wheel });
  }

  refuse(refusal: Refusal): Promise<void> {
    refuseStream(this.#asked, refusal, { host: this.#asked.head?.target, followable: false });
    return Promise.resolve();
  }

  onGone(gone: () => void): void {
    this.#asked.leg.onGone(gone);
  }
}
