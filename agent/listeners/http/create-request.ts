import type { Protocol, Request } from "../../connection/index.ts";
import type { Arrival, Reception } from "../reception.ts";
import type { RequestHead } from "./head.ts";
import type { Target } from "./target.ts";

/** What a head asks for, once it was understood. */
export interface Asked {
  readonly protocol: Protocol;
  readonly head: RequestHead;
  /** Canonical. */
  readonly host: string;
  readonly target: Target;
}

export function createRequest(reception: Reception, arrival: Arrival, { protocol, head, host, target }: Asked): Request {
  const { admission, origin } = arrival;
  const [path = ""] = target.path.split("?", 1);
  return {
    id: reception.nextId(),
    listener: reception.listener,
    protocol,
    transport: "tcp",
    host,
    port: target.port,
    tls: false,
    method: head.method,
    headers: selectHeaders(head),
    origin,
    receivedAt: reception.clock.now(),
    ...(path === "" ? {} : { path }),
    ...(admission.peer === undefined ? {} : { peer: admission.peer }),
  };
}

/** SECURITY: logins and cookies are not policy's business, and what policy can read may end in a record. */
const PRIVATE_HEADERS = new Set(["authorization", "proxy-authorization", "cookie"]);

/** What policy may read: lower-case names, repeated fields as one list. */
function selectHeaders(head: RequestHead): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const { key, value } of head.fields) {
    if (PRIVATE_HEADERS.has(key)) continue;
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}
