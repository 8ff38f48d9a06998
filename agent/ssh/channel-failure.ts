import type { FailureCode } from "../connection/index.ts";
import type { TunnelFailure } from "../dial/index.ts";

/** What ssh2 makes of SSH_MSG_CHANNEL_OPEN_FAILURE: the server's words behind its own, and the code; none when the connection is gone. */
export interface ChannelRefusal extends Error {
  readonly reason?: number | string;
}

/** RFC 4254 section 5.1. */
const PROHIBITED = 1;
const CONNECT_FAILED = 2;
const UNKNOWN_TYPE = 3;

/** What the server's words about its own connecting mean in ours; they are its operating system's. */
const words: readonly (readonly [RegExp, FailureCode])[] = [
  [/refused/i, "DIAL_REFUSED"],
  [/timed? ?out/i, "DIAL_TIMEOUT"],
  [/unreachable|no route/i, "DIAL_UNREACHABLE"],
  [/not known|no address|name resolution|nodename/i, "DIAL_NAME_NOT_FOUND"],
];

/** Why a channel was not opened. The server works; the destination, or the server's rules, do not let it through. */
export function channelFailure({ reason, message }: ChannelRefusal): TunnelFailure {
  const said = message.replace(/^\(SSH\) Channel open failure: ?/, "").slice(0, 300);
  if (typeof reason !== "number") {
    // Nothing was sent through a channel that nobody confirmed: at worst the server has connected, and closed again.
    return { kind: "failed", code: "DIAL_BACKEND_DOWN", detail: "the connection was lost", isBackendDown: true, isRepeatable: true };
  }
  if (reason === PROHIBITED)
    return { kind: "failed", code: "DIAL_BACKEND_DENIED", detail: said === "" ? "administratively prohibited" : said, sent: true };
  if (reason === UNKNOWN_TYPE) return { kind: "failed", code: "DIAL_PROTOCOL", detail: "the server does not forward connections" };
  const code = reason === CONNECT_FAILED ? words.find(([pattern]) => pattern.test(said))?.[1] : undefined;
  return { kind: "failed", code: code ?? "DIAL_BACKEND_FAILED", detail: said === "" ? "the server could not connect" : said };
}
