import type { ServerHttp2Stream } from "node:http2";
import type { FailureCode } from "../../contract/index.ts";
import type { Http2Leg } from "../../net/index.ts";
import { createRequest, type RequestHead, type Understood, understand, viaName } from "../http/index.ts";
import type { Arrival, Reception } from "../reception.ts";
import { turnAway } from "../turn-away.ts";
import { refuseStream } from "./answer-stream.ts";
import { frameStream, readStreamHead } from "./read-stream-head.ts";
import { StreamForwardClient } from "./stream-forward-client.ts";
import { TunnelClient } from "./tunnel-client.ts";

/** One stream whose head is here. */
export interface StreamVisit {
  readonly reception: Reception;
  readonly arrival: Arrival;
  readonly stream: ServerHttp2Stream;
  readonly leg: Http2Leg;
  /** Names and values in turn. */
  readonly raw: readonly string[];
  /** Nothing follows the head. */
  readonly isEnded: boolean;
  /** The listener's `connections` limit is reached. */
  readonly isCrowded: boolean;
}

interface Refused {
  readonly code: FailureCode;
  readonly detail: string;
}

/** Understand one request and hand it to the conductor, or say why not. */
export function serveStream(visit: StreamVisit): void {
  const { reception, arrival, raw } = visit;
  const read = readStreamHead(raw);
  if (read.kind === "bad") return sendAway(visit, read.bad, undefined);
  const { head } = read;
  const unwelcome = whyUnwelcome(visit);
  if (unwelcome !== undefined) return sendAway(visit, unwelcome, head);
  const understood = understand(head, { via: viaName, checkLogin: reception.checkLogin });
  if (understood.kind === "bad") return sendAway(visit, understood, head);
  const { target } = understood;
  const host = reception.canonicalHost(target.host);
  if (host === undefined) return sendAway(visit, { code: "REQUEST_HOST", detail: "the host name is not valid" }, head);
  if (understood.kind === "forward") return forward(visit, { head, host, understood });
  const request = createRequest(reception, arrival, { protocol: "h2", head, host, target });
  const { stream, leg } = visit;
  void reception.serve(request, new TunnelClient({ stream, leg, head }, reception.wheel));
}

function whyUnwelcome({ reception, arrival, isCrowded }: StreamVisit): Refused | undefined {
  if (arrival.admission.kind === "refused") return arrival.admission;
  if (reception.drain.hasBegun) return { code: "AGENT_DRAINING", detail: "the agent is stopping" };
  return isCrowded ? { code: "ACCEPT_OVERLOADED", detail: "the listener's `connections` limit is reached" } : undefined;
}

interface Forwarded {
  readonly head: RequestHead;
  readonly host: string;
  readonly understood: Understood & { readonly kind: "forward" };
}

function forward(visit: StreamVisit, { head, host, understood }: Forwarded): void {
  const { reception, arrival, stream, leg, raw, isEnded } = visit;
  const framing = frameStream(understood.framing, isEnded);
  if ("kind" in framing) return sendAway(visit, framing, head);
  const { wheel, incidentOf, serve } = reception;
  const request = createRequest(reception, arrival, { protocol: "h2", head, host, target: understood.target });
  const client = new StreamForwardClient({
    asked: { stream, leg, head },
    understood,
    host,
    headBytes: raw.reduce((sum, text) => sum + text.length, 0),
    framing,
    incident: incidentOf(request.id),
    wheel,
  });
  void serve(request, client).finally(() => client.abandon());
}

/** Refuse what never became a request. The connection goes on: its other streams are none of this one's business. */
function sendAway({ reception, arrival, stream, leg }: StreamVisit, { code, detail }: Refused, head: RequestHead | undefined): void {
  const incident = turnAway(reception, arrival, { protocol: "h2", code, detail });
  refuseStream({ stream, leg, head }, { code, detail, incident }, { host: undefined, followable: false });
}
