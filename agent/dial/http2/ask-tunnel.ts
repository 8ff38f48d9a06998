import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
  sensitiveHeaders,
} from "node:http2";
import { STATUS_CODES } from "node:http";
import type { Leash } from "../../base/index.ts";
import type { FailureCode, Route } from "../../connection/index.ts";
import { formatAddress, Http2Leg, type StreamEnds } from "../../net/index.ts";
import type { Tunnel, TunnelFailure } from "../carrier.ts";
import { dialFailed } from "../dialler.ts";
import { assertFields, judgeAnswer } from "../http-connect.ts";

export interface Ask {
  readonly route: Route;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: string | undefined;
  /** Of the connection that carries the tunnel. */
  readonly ends: StreamEnds;
  readonly giveUp: Leash;
  /** The stream is closed, whatever became of it. Called once. */
  readonly over: () => void;
}

/** One CONNECT (RFC 9113 section 8.5). Resolves when it is answered or broken off. */
export function askTunnel(session: ClientHttp2Session, { route, authorization, ends, giveUp, over }: Ask): Promise<Tunnel> {
  const stream = session.request(headOf(route, authorization));
  return new Promise((resolve) => {
    giveUp.watch(() => stream.close(constants.NGHTTP2_CANCEL));
    stream.on("error", ignoreTold);
    stream.once("response", (head) => {
      giveUp.watch(undefined);
      resolve(answered(stream, head, { ends, hasLogin: authorization !== undefined }));
    });
    stream.once("close", () => {
      over();
      // Nothing happens when it was answered.
      resolve(brokenOff(stream, session.destroyed));
    });
  });
}

function headOf({ host, port }: Route, authorization: string | undefined): OutgoingHttpHeaders {
  const authority = formatAddress({ address: host, port });
  assertFields([authority, authorization ?? ""]);
  return {
    ":method": "CONNECT",
    ":authority": authority,
    // Never in the table of the compression, where its length could be guessed (RFC 7541 section 7.1.3).
    ...(authorization === undefined ? {} : { "proxy-authorization": authorization, [sensitiveHeaders]: ["proxy-authorization"] }),
  };
}

interface Answered {
  readonly ends: StreamEnds;
  readonly hasLogin: boolean;
}

function answered(stream: ClientHttp2Stream, head: IncomingHttpHeaders & IncomingHttpStatusHeader, { ends, hasLogin }: Answered): Tunnel {
  const { ":status": status = 0 } = head;
  const judged = judgeAnswer({ status, reason: reasonOf(status, head), schemes: schemesOf(head) }, hasLogin);
  if (judged.kind === "open") return { kind: "open", leg: new Http2Leg(stream, ends) };
  stream.close(constants.NGHTTP2_CANCEL);
  return judged;
}

const LONGEST_WORDS = 300;

/** HTTP/2 has no reason phrase; some proxies say in `Proxy-Status` (RFC 9209) what happened. */
function reasonOf(status: number, head: IncomingHttpHeaders): string {
  const { "proxy-status": words } = head;
  const phrase = STATUS_CODES[status] ?? "";
  return typeof words === "string" ? `${phrase} (${words.slice(0, LONGEST_WORDS)})` : phrase;
}

/** Schemes that the proxy offers; several challenges may share one field (RFC 9110 section 11.6.1). */
function schemesOf({ "proxy-authenticate": offered }: IncomingHttpHeaders): readonly string[] {
  if (offered === undefined) return [];
  const text = Array.isArray(offered) ? offered.join(", ") : offered;
  return [...text.matchAll(/(?:^|,)[ \t]*([!#$%&'*+.^_`|~\w-]+)(?=[ \t]+[^\s=,]|[ \t]*(?:,|$))/g)].flatMap(([, scheme]) => scheme ?? []);
}

/** RFC 9113 section 7. */
const CODES: ReadonlyMap<number, readonly [FailureCode, string]> = new Map([
  [constants.NGHTTP2_REFUSED_STREAM, ["DIAL_BACKEND_FAILED", "the server did not take the request"]],
  [constants.NGHTTP2_CONNECT_ERROR, ["DIAL_BACKEND_FAILED", "the server could not connect"]],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, ["DIAL_BACKEND_FAILED", "the server finds that we ask too much of it"]],
  [constants.NGHTTP2_HTTP_1_1_REQUIRED, ["DIAL_PROTOCOL", "the server opens tunnels by HTTP/1.1 only"]],
]);

function brokenOff({ rstCode }: ClientHttp2Stream, isConnectionGone: boolean): TunnelFailure {
  if (isConnectionGone && rstCode !== constants.NGHTTP2_REFUSED_STREAM)
    return { ...dialFailed("DIAL_BACKEND_DOWN", "the connection to the server broke"), isBackendDown: true };
  const [code, detail] = CODES.get(rstCode ?? 0) ?? ["DIAL_BACKEND_FAILED", `the server broke the request off (code ${rstCode})`];
  const failure = dialFailed(code, detail);
  // RFC 9113 section 8.7: nothing was done with a stream that is refused, nor with one beyond the last that GOAWAY names.
  return rstCode === constants.NGHTTP2_REFUSED_STREAM ? { ...failure, isRepeatable: true } : failure;
}

/** The connection went away before the request was sent, or nobody waits for it any more. */
export function notAsked(): TunnelFailure {
  return { ...dialFailed("DIAL_BACKEND_DOWN", "the server closed the connection"), isBackendDown: true, isRepeatable: true };
}

/** What happened to a stream is told by its code when it closes. */
function ignoreTold(): void {}
