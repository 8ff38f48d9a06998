import type { FailureCode } from "../../contract/index.ts";
import type { Leg } from "../../net/index.ts";
import type { Framing } from "./framing.ts";
import type { ResponseHead } from "./head.ts";

/** How an answer goes on to the program. */
export interface AnswerManner {
  /** In chunks; otherwise bare. */
  readonly chunked: boolean;
  /** The program may ask again on the same connection. */
  readonly goesOn: boolean;
}

/**
 * The program's side of one exchange, in the version of HTTP that it speaks. An exchange decides what is said and when; how it is written
 * is settled here. Nothing is said after `breakOff`, nor anything but the body between `beginAnswer` and `endAnswer`.
 */
export interface Caller {
  /** Bodies travel on it, both ways. */
  readonly leg: Leg;
  /** How the body of the request comes. */
  readonly framing: Framing;
  /** Pass on a head that announces another (RFC 9110 section 15.2). */
  passInterim(head: ResponseHead): void;
  /** `framing` is how the body comes from the server. */
  beginAnswer(head: ResponseHead, framing: Framing): AnswerManner;
  /** All of the answer was given. `goesOn`: the program may ask again; otherwise nothing more is heard from it. */
  endAnswer(goesOn: boolean): void;
  /** The server agreed to speak WebSocket; what follows is a tunnel. */
  switchProtocols(head: ResponseHead): void;
  /** Tell instead of an answer why there is none, and end. */
  fail(code: FailureCode, detail: string): void;
  /** An answer that was cut short must not look complete. */
  breakOff(): void;
}
