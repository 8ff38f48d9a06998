import type { FailureCode } from "../../contract/index.ts";
import { type Leg, LegEnded, WheelEntry } from "../../net/index.ts";
import type { Arrival, Reception } from "../reception.ts";
import { turnAway } from "../turn-away.ts";
import { ConnectClient } from "./connect-client.ts";
import { createRequest } from "./create-request.ts";
import { ForwardClient } from "./forward-client.ts";
import { viaName } from "./forwarded-head.ts";
import { parseRequestHead, type RequestHead } from "./head.ts";
import type { KeptUpstream } from "./kept-upstream.ts";
import { type ReceivedHead, readHead } from "./read-head.ts";
import { formatRefusalAnswer } from "./refusal-answer.ts";
import { wordRefusal } from "./refusal-words.ts";
import { type Understood, understand } from "./understand.ts";

/**
 * Serve one HTTP/1 proxy connection whose first bytes are `first`. Resolves when the connection is over or in the conductor's hands;
 * rejects with LegEnded if the client goes in the middle of a head.
 */
export async function serveHttp(reception: Reception, arrival: Arrival, first: Buffer): Promise<void> {
  const connection = new HttpConnection(reception, arrival);
  try {
    await connection.serve(first);
  } finally {
    connection.letGo();
  }
}

/** The requests of one client connection, one after the other. */
class HttpConnection {
  readonly #reception: Reception;
  readonly #arrival: Arrival;
  readonly #leg: Leg;
  #kept: KeptUpstream | undefined;

  constructor(reception: Reception, arrival: Arrival) {
    this.#reception = reception;
    this.#arrival = arrival;
    this.#leg = arrival.leg;
  }

  async serve(first: Buffer): Promise<void> {
    let received = await readHead(this.#leg, first);
    this.#arrival.understood();
    while (await this.#serveOne(received)) received = await this.#readNext();
  }

  /** Nothing of ours outlives the client's connection. */
  letGo(): void {
    this.#kept?.destroy();
    this.#kept = undefined;
  }

  /** True when the client may ask again. */
  async #serveOne(received: ReceivedHead): Promise<boolean> {
    if (received.kind === "ended") {
      this.#leg.destroy();
      return false;
    }
    if (received.kind === "unfinished") throw new LegEnded("ended");
    if (received.kind === "bad") return this.#sendAway(received, undefined);
    const head = parseRequestHead(received.text);
    if (head.kind === "bad") return this.#sendAway(head, undefined);
    const { admission } = this.#arrival;
    if (admission.kind === "refused") return this.#sendAway(admission, head);
    const understood = understand(head, { via: viaName, checkLogin: this.#reception.checkLogin });
    if (understood.kind === "bad") return this.#sendAway(understood, head);
    const host = this.#reception.canonicalHost(understood.target.host);
    if (host === undefined) return this.#sendAway({ code: "REQUEST_HOST", detail: "the host name is not valid" }, head);
    if (understood.kind === "connect") return this.#connect(head, host, understood);
    return this.#forward(head, received.bytes, host, understood);
  }

  #connect(head: RequestHead, host: string, understood: Understood & { readonly kind: "connect" }): false {
    const request = createRequest(this.#reception, this.#arrival, { protocol: "http", head, host, target: understood.target });
    void this.#reception.serve(request, new ConnectClient(this.#leg, head, this.#reception.wheel));
    return false;
  }

  async #forward(
    head: RequestHead,
    headBytes: number,
    host: string,
    understood: Understood & { readonly kind: "forward" },
  ): Promise<boolean> {
    const { target, framing, upgrade } = understood;
    const { wheel, drain, serve, incidentOf } = this.#reception;
    const request = createRequest(this.#reception, this.#arrival, { protocol: "http", head, host, target });
    const client = new ForwardClient({
      leg: this.#leg,
      head,
      headBytes,
      forwarding: { target, host, framing, upgrade, via: viaName },
      incident: incidentOf(request.id),
      kept: this.#kept,
      wheel,
      isLast: () => drain.hasBegun,
    });
    void serve(request, client).finally(() => client.abandon());
    const after = await client.after;
    if (after.kind === "next") this.#kept = after.kept;
    return after.kind === "next";
  }

  /** Wait for the next head: long for its first byte, briefly for the rest, not at all when the agent stops. */
  async #readNext(): Promise<ReceivedHead> {
    const { wheel, deadlines, drain } = this.#reception;
    const stop = () => this.#leg.destroy();
    const deadline = new WheelEntry(stop);
    wheel.arm(deadline, deadlines.keepAliveMs);
    drain.onBegin(stop);
    try {
      const first = await this.#leg.readSome();
      drain.forget(stop);
      wheel.arm(deadline, deadlines.handshakeMs);
      return await readHead(this.#leg, first);
    } finally {
      drain.forget(stop);
      wheel.disarm(deadline);
    }
  }

  /** Refuse what never became a request, and end the connection: what follows on it cannot be trusted to be a request. */
  #sendAway(why: { readonly code: FailureCode; readonly detail: string }, head: RequestHead | undefined): false {
    const incident = turnAway(this.#reception, this.#arrival, { protocol: "http", code: why.code, detail: why.detail });
    const words = wordRefusal({ code: why.code, detail: why.detail, incident }, { host: undefined, followable: false });
    this.#leg.write(formatRefusalAnswer(words, head, true));
    this.#leg.finish();
    return false;
  }
}

/** For a program that does not finish its head. */
export function formatTimeout(): Buffer {
  const refusal = { code: "HANDSHAKE_TIMEOUT", incident: "", detail: "the head was not complete in time" } as const;
  return formatRefusalAnswer(wordRefusal(refusal, { host: undefined, followable: false }), undefined, true);
}
