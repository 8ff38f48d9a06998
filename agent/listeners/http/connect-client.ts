import type { Leash } from "../../base/index.ts";
import type { Carrying, Client, Limits, Refusal } from "../../connection/index.ts";
import { type Leg, splice, type Upstream, type Wheel } from "../../net/index.ts";
import type { RequestHead } from "./head.ts";
import { formatRefusalAnswer } from "./refusal-answer.ts";
import { wordRefusal } from "./refusal-words.ts";

const ESTABLISHED = Buffer.from("HTTP/1.1 200 Connection Established\r\n\r\n", "latin1");

/** The two verbs for CONNECT. What came behind its head is unread on the leg, and so is the first thing that the tunnel carries. */
export class ConnectClient implements Client<Upstream> {
  readonly #leg: Leg;
  readonly #head: RequestHead;
  readonly #wheel: Wheel;

  constructor(leg: Leg, head: RequestHead, wheel: Wheel) {
    this.#leg = leg;
    this.#head = head;
    this.#wheel = wheel;
  }

  carry(upstream: Upstream, limits: Limits, leash: Leash): Carrying {
    this.#leg.write(ESTABLISHED);
    return splice(this.#leg, upstream.leg, { idleMs: limits.idleMs, lifetimeMs: limits.lifetimeMs, leash, wheel: this.#wheel });
  }

  /** Closes, as what follows was meant for the tunnel. No browser follows a redirect here or shows the page; programs read it. */
  refuse(refusal: Refusal): Promise<void> {
    const words = wordRefusal(refusal, { host: this.#head.target, followable: false });
    this.#leg.write(formatRefusalAnswer(words, this.#head, true));
    this.#leg.finish();
    return Promise.resolve();
  }

  onGone(gone: () => void): void {
    this.#leg.onGone(gone);
  }
}
