import type { FailureCode } from "../../contract/index.ts";
import type { Leg } from "../../net/index.ts";
import type { AnswerManner, Caller } from "./caller.ts";
import { formatForwardedResponse } from "./forwarded-head.ts";
import type { Framing } from "./framing.ts";
import { listOf, type RequestHead, type ResponseHead, readLength } from "./head.ts";

export interface Http1CallerOptions {
  readonly leg: Leg;
  readonly head: RequestHead;
  readonly framing: Framing;
  /** Our name in `Via`. */
  readonly via: string;
  /** Asked when the answer begins: whether the connection shall end with it. */
  readonly isLast: () => boolean;
  /** The whole answer for a destination that failed before it answered. */
  readonly formatFailure: (code: FailureCode, detail: string) => Buffer;
}

const CHUNKED: Framing = { kind: "chunked" };
const CLOSE: Framing = { kind: "close" };
const BARE = { framing: { kind: "none" }, close: false, declared: undefined } as const;

/** A program that speaks HTTP/1: each answer follows the one before on the same connection. */
export class Http1Caller implements Caller {
  readonly leg: Leg;
  readonly framing: Framing;
  readonly #options: Http1CallerOptions;

  constructor(options: Http1CallerOptions) {
    this.leg = options.leg;
    this.framing = options.framing;
    this.#options = options;
  }

  passInterim(head: ResponseHead): void {
    // RFC 9110 section 15.2: an HTTP/1.0 program cannot read it.
    if (this.#options.head.version !== "1.0") this.#write(formatForwardedResponse(head, { ...BARE, via: this.#options.via }));
  }

  beginAnswer(head: ResponseHead, framing: Framing): AnswerManner {
    const { via, isLast } = this.#options;
    const { method, version, fields } = this.#options.head;
    const isMeasured = framing.kind === "none" || framing.kind === "length";
    const chunked = !isMeasured && version === "1.1";
    const goesOn = version === "1.1" && !listOf(fields, "connection").includes("close") && !isLast();
    const declared = method === "HEAD" || head.status === 304 ? readLength(head) : undefined;
    const written = isMeasured ? framing : chunked ? CHUNKED : CLOSE;
    this.#write(formatForwardedResponse(head, { framing: written, via, close: !goesOn, declared }));
    return { chunked, goesOn };
  }

  endAnswer(goesOn: boolean): void {
    if (!goesOn) this.leg.finish();
  }

  switchProtocols(head: ResponseHead): void {
    this.#write(formatForwardedResponse(head, { ...BARE, via: this.#options.via }));
  }

  fail(code: FailureCode, detail: string): void {
    this.leg.write(this.#options.formatFailure(code, detail));
    this.leg.finish();
  }

  breakOff(): void {
    this.leg.destroy();
  }

  #write(text: string): void {
    this.leg.write(Buffer.from(text, "latin1"));
  }
}
