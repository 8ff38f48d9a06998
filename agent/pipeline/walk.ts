import type { Client, FailureCode, Request, Verdict } from "../connection/index.ts";
import type { Upstream } from "../net/index.ts";
import type { Journey } from "./journey.ts";
import type { Ports } from "./ports.ts";

/** One connection on its way, as every step sees it. */
export interface Walk {
  readonly journey: Journey;
  readonly client: Client<Upstream>;
  readonly ports: Ports;
}

/** Why a step goes no further. */
export interface No {
  readonly kind: "no";
  readonly code: FailureCode;
  readonly detail?: string | undefined;
}

/** The verdict in force lets the connection go on, to where `target` says. */
export interface Allowed {
  readonly kind: "allowed";
  readonly verdict: Verdict;
  /** The request itself, or as a rule rewrote it. */
  readonly target: Request;
}

export function no(code: FailureCode, detail?: string): No {
  return { kind: "no", code, detail };
}
