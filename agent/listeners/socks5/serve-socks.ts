import type { Leash } from "../../base/index.ts";
import type { Carrying, Client, Limits, Refusal } from "../../connection/index.ts";
import type { FailureCode } from "../../contract/index.ts";
import { type Leg, LegEnded, splice, type Upstream, type Wheel } from "../../net/index.ts";
import type { Arrival, Reception } from "../reception.ts";
import { turnAway } from "../turn-away.ts";
import { formatReply, socks4Refusal } from "./format-reply.ts";
import { SocksHandshake, type SocksStep } from "./handshake.ts";
import type { SocksRequest } from "./message.ts";
import { socksReplyCode } from "./reply-code.ts";

/**
 * Serve one SOCKS5 connection whose first bytes are `first`. Resolves when the request is in the conductor's hands or the client was
 * sent away; rejects with LegEnded if the client goes before that.
 */
export async function serveSocks(reception: Reception, arrival: Arrival, first: Buffer): Promise<void> {
  const { leg } = arrival;
  const handshake = new SocksHandshake(arrival.admission.kind === "admitted" ? reception.checkLogin : undefined);
  let step = handshake.push(first);
  while (step.kind === "more") {
    if (step.answer !== undefined) leg.write(step.answer);
    const chunk = await leg.readSome();
    if (chunk.length === 0) throw new LegEnded("ended");
    step = handshake.push(chunk);
  }
  arrival.understood();
  if (step.answer !== undefined) leg.write(step.answer);
  if (step.kind === "refuse") {
    turnAway(reception, arrival, { protocol: "socks5", code: step.code, detail: step.detail });
    leg.finish();
    return;
  }
  ask(reception, arrival, step);
}

/** SOCKS4 is not served: it can neither name IPv6 nor say why. It is refused in its own words all the same. */
export function refuseSocks4(reception: Reception, arrival: Arrival): void {
  arrival.understood();
  turnAway(reception, arrival, { protocol: "socks5", code: "SOCKS_VERSION", detail: "byte 0: version 4" });
  arrival.leg.write(socks4Refusal);
  arrival.leg.finish();
}

function ask(reception: Reception, arrival: Arrival, step: SocksStep & { readonly kind: "request" }): void {
  const { admission, leg, origin } = arrival;
  const { host: written, port }: SocksRequest = step.request;
  if (admission.kind === "refused") return refuseEarly(reception, arrival, admission);
  const host = reception.canonicalHost(written);
  if (host === undefined) return refuseEarly(reception, arrival, { code: "REQUEST_HOST", detail: "the host name is not valid" });
  leg.unread(step.rest);
  const request = {
    id: reception.nextId(),
    listener: reception.listener,
    protocol: "socks5",
    transport: "tcp",
    host,
    port,
    tls: false,
    origin,
    receivedAt: reception.clock.now(),
  } as const;
  const { peer } = admission;
  void reception.serve(peer === undefined ? request : { ...request, peer }, new SocksClient(leg, reception.wheel));
}

function refuseEarly(reception: Reception, arrival: Arrival, why: { readonly code: FailureCode; readonly detail: string }): void {
  turnAway(reception, arrival, { protocol: "socks5", code: why.code, detail: why.detail });
  arrival.leg.write(formatReply(socksReplyCode[why.code]));
  arrival.leg.finish();
}

/** The two verbs in SOCKS5 words. */
class SocksClient implements Client<Upstream> {
  readonly #leg: Leg;
  readonly #wheel: Wheel;

  constructor(leg: Leg, wheel: Wheel) {
    this.#leg = leg;
    this.#wheel = wheel;
  }

  carry(upstream: Upstream, limits: Limits, leash: Leash): Carrying {
    this.#leg.write(formatReply(0x00, upstream.local));
    return splice(this.#leg, upstream.leg, { idleMs: limits.idleMs, lifetimeMs: limits.lifetimeMs, leash, wheel: this.#wheel });
  }

  refuse(refusal: Refusal): Promise<void> {
    this.#leg.write(formatReply(socksReplyCode[refusal.code]));
    this.#leg.finish();
    return Promise.resolve();
  }

  onGone(gone: () => void): void {
    this.#leg.onGone(gone);
  }
}
