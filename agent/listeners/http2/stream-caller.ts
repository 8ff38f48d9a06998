import type { ServerHttp2Stream } from "node:http2";
import type { FailureCode } from "../../contract/index.ts";
import { breakOff, type Leg } from "../../net/index.ts";
import {
  type AnswerManner,
  type Caller,
  createField,
  type Framing,
  lengthToSay,
  readLength,
  type RequestHead,
  type ResponseHead,
  selectResponseFields,
} from "../http/index.ts";
import { beginAnswer } from "./answer-stream.ts";

/** RFC 9113 section 7. */
const INTERNAL_ERROR = 0x02;
/** Each answer is the last on its stream, and frames end its body. */
const LAST: AnswerManner = { chunked: false, goesOn: false };

export interface StreamCallerOptions {
  readonly stream: ServerHttp2Stream;
  readonly leg: Leg;
  readonly head: RequestHead;
  readonly framing: Framing;
  /** Our name in `Via`. */
  readonly via: string;
  /** Tell the whole of a failure. */
  readonly fail: (code: FailureCode, detail: string) => void;
}

/** A program that speaks HTTP/2: one exchange on one stream. */
export class StreamCaller implements Caller {
  readonly leg: Leg;
  readonly framing: Framing;
  readonly fail: (code: FailureCode, detail: string) => void;
  readonly #options: StreamCallerOptions;

  constructor(options: StreamCallerOptions) {
    this.leg = options.leg;
    this.framing = options.framing;
    this.fail = options.fail;
    this.#options = options;
  }

  passInterim(head: ResponseHead): void {
    const { stream, via } = this.#options;
    if (stream.closed || stream.destroyed || stream.headersSent) return;
    const headers = new Map<string, string[]>();
    for (const { key, value } of selectResponseFields(head, via)) headers.set(key, [...(headers.get(key) ?? []), value]);
    stream.additionalHeaders({ ...Object.fromEntries(headers), ":status": head.status });
  }

  beginAnswer(head: ResponseHead, framing: Framing): AnswerManner {
    const { stream, via } = this.#options;
    const fields = selectResponseFields(head, via);
    const declared = this.#options.head.method === "HEAD" || head.status === 304 ? readLength(head) : undefined;
    const length = lengthToSay(framing, declared);
    if (length !== undefined) fields.push(createField("content-length", String(length)));
    beginAnswer(stream, head.status, fields);
    return LAST;
  }

  endAnswer(): void {
    this.leg.finish();
  }

  /** HTTP/2 has no `Upgrade`, so nobody asked for it (RFC 9113 section 8.6). */
  switchProtocols(): void {
    this.breakOff();
  }

  breakOff(): void {
    breakOff(this.#options.stream, INTERNAL_ERROR);
    this.leg.destroy();
  }
}
