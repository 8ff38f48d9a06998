import type { FailureCode } from "../contract/index.ts";
import type { End } from "./end.ts";
import type { Facts } from "./facts.ts";
import type { Request } from "./request.ts";
import type { Verdict } from "./verdict.ts";

export type PassageState = "judging" | "held" | "dialling" | "open" | "ended";

/**
 * One request on its way through the agent, as those who look on see it: one object for its whole life, whose fields change in
 * place. Onlookers read, and may call `close`; everything else is the conductor's.
 */
export interface Passage {
  readonly request: Request;
  readonly incident: string;
  readonly state: PassageState;
  readonly verdict: Verdict | undefined;
  /** What the verdict was judged by, as far as it was gathered. */
  readonly facts?: Facts | undefined;
  /** The way out, once dialled. */
  readonly backend: string | undefined;
  /** `address:port` that was reached, once dialled. */
  readonly address: string | undefined;
  /** Bytes so far, the client's view. */
  readonly up: number;
  readonly down: number;
  readonly end: End | undefined;
  /** Milliseconds since the epoch. */
  readonly endedAt: number | undefined;
  /** Cut it short; the code becomes its end. Does nothing once ended. */
  close(code: FailureCode): void;
}
