import type { Outcome } from "../connection/index.ts";

/** Least first: of several outcomes the one with the lowest number holds. */
const STRICTNESS: Readonly<Record<Outcome, number>> = { deny: 0, redirect: 1, challenge: 2, step_up: 3, allow: 4 };

export function isStricter(one: Outcome, other: Outcome): boolean {
  return STRICTNESS[one] < STRICTNESS[other];
}

export function stricterOf(one: Outcome, other: Outcome): Outcome {
  return isStricter(other, one) ? other : one;
}

/** Whether it asks the person for something and may go on afterwards. */
export function isAsk(outcome: Outcome): outcome is "step_up" | "challenge" {
  return outcome === "step_up" || outcome === "challenge";
}
