import type { Leash } from "../../base/index.ts";
import type { Carrying, Client, Limits, Refusal, Route } from "../../connection/index.ts";
import type { Leg, Upstream, Wheel } from "../../net/index.ts";
import { HttpExchange } from "./exchange.ts";
import type { Forwarding } from "./forwarded-head.ts";
import { listOf, type RequestHead } from "./head.ts";
import { Http1Caller } from "./http1-caller.ts";
import { KeptUpstream } from "./kept-upstream.ts";
import { formatRefusalAnswer } from "./refusal-answer.ts";
import { wordRefusal } from "./refusal-words.ts";

/** The client's connection goes on with the next request, and with the way out that may be used for it; or it is over. */
export type After = { readonly kind: "next"; readonly kept: KeptUpstream | undefined } | { readonly kind: "over" };

export interface ForwardClientOptions {
  readonly leg: Leg;
  readonly head: RequestHead;
  readonly headBytes: number;
  readonly forwarding: Forwarding;
  /** For what goes wrong after the way out was open. */
  readonly incident: string;
  /** From the request before, if it left one. */
  readonly kept: KeptUpstream | undefined;
  readonly wheel: Wheel;
  readonly isLast: () => boolean;
}

const OVER: After = { kind: "over" };

/** The two verbs for one request in absolute form. Each request of a connection has its own. */
export class ForwardClient implements Client<Upstream> {
  /** Resolves when the request is answered; until then nothing else is read from the client. */
  readonly after: Promise<After>;
  readonly #options: ForwardClientOptions;
  #resolve: (after: After) => void = () => undefined;
  #reused: Upstream | undefined;
  #hasSpoken = false;

  constructor(options: ForwardClientOptions) {
    this.#options = options;
    this.after = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** A WebSocket wants a tunnel: few proxies would switch protocols. */
  get isPlainHttp(): boolean {
    return !this.#options.forwarding.upgrade;
  }

  kept(routes: readonly Route[]): Upstream | undefined {
    const { kept } = this.#options;
    if (!this.isPlainHttp && kept?.upstream.forward !== undefined) return undefined;
    this.#reused = kept?.take(routes);
    return this.#reused;
  }

  carry(upstream: Upstream, limits: Limits, leash: Leash): Carrying {
    this.#hasSpoken = true;
    const { leg, head, headBytes, forwarding, incident, kept, wheel, isLast } = this.#options;
    const isReused = upstream === this.#reused;
    if (!isReused) kept?.destroy();
    const caller = new Http1Caller({
      leg,
      head,
      framing: forwarding.framing,
      via: forwarding.via,
      isLast,
      formatFailure: (code, detail) => formatRefusalAnswer(wordRefusal({ code, incident, detail }, this.#wording()), head, true),
    });
    const exchange = new HttpExchange({
      caller,
      upstream,
      isReused,
      head,
      headBytes,
      forwarding,
      limits,
      leash,
      wheel,
      done: ({ clientGoesOn, upstreamGoesOn }) => {
        const next = upstreamGoesOn ? new KeptUpstream(upstream, forwarding.host, forwarding.target.port) : undefined;
        if (clientGoesOn) this.#resolve({ kind: "next", kept: next });
        else {
          next?.destroy();
          this.#resolve(OVER);
        }
      },
    });
    exchange.start();
    return exchange;
  }

  /** The connection goes on when nothing of the request is left to read. */
  refuse(refusal: Refusal): Promise<void> {
    this.#hasSpoken = true;
    const { leg, head, forwarding, kept, isLast } = this.#options;
    const close =
      forwarding.framing.kind !== "none" || head.version === "1.0" || listOf(head.fields, "connection").includes("close") || isLast();
    leg.write(formatRefusalAnswer(wordRefusal(refusal, this.#wording()), head, close));
    leg.onGone(undefined);
    if (close) leg.finish();
    this.#resolve(close ? OVER : { kind: "next", kept });
    return Promise.resolve();
  }

  onGone(gone: () => void): void {
    this.#options.leg.onGone(gone);
  }

  /** The conductor is through. If it used neither verb, nobody will answer any more. */
  abandon(): void {
    if (this.#hasSpoken) return;
    this.#options.leg.destroy();
    this.#resolve(OVER);
  }

  #wording(): { readonly host: string; readonly followable: boolean } {
    return { host: this.#options.forwarding.host, followable: true };
  }
}
