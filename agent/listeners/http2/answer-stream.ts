import type { ServerHttp2Stream } from "node:http2";
import type { Refusal } from "../../connection/index.ts";
import type { Leg } from "../../net/index.ts";
import { composeRefusal, type Field, type RequestHead, wordRefusal } from "../http/index.ts";

/** Begin the answer on a stream that may be gone already. False: it is. */
export function beginAnswer(stream: ServerHttp2Stream, status: number, fields: readonly Field[]): boolean {
  if (stream.closed || stream.destroyed || stream.headersSent) return false;
  const raw = [":status", String(status)];
  for (const { key, value } of fields) raw.push(key, value);
  stream.respond(raw);
  return true;
}

/** A stream, the leg on it, and what was asked on it as far as it could be read. */
export interface Answered {
  readonly stream: ServerHttp2Stream;
  readonly leg: Leg;
  readonly head: RequestHead | undefined;
}

/** The whole of an answer that says no, and the end of the stream. */
export function refuseStream(
  { stream, leg, head }: Answered,
  refusal: Refusal,
  wording: { readonly host: string | undefined; readonly followable: boolean },
): void {
  const { status, fields, body } = composeRefusal(wordRefusal(refusal, wording), head);
  leg.onGone(undefined);
  if (beginAnswer(stream, status, fields)) leg.write(body);
  leg.finish();
}
