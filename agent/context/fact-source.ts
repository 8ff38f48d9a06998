import type { Fact, FactValue, Request } from "../connection/index.ts";

/**
 * Somebody who knows facts that need fetching: OpenID, inventory, geography, posture, risk. A source is asked only for what a rule needs.
 */
export interface FactSource {
  /** The word after `source` in a policy, and the `source` of its facts in an explanation. */
  readonly name: string;
  /** Exact attribute paths (`user.groups`) or whole groups (`user.*`). */
  readonly provides: readonly string[];
  /** Until when a value is fresh, and how much longer it may be used while the source cannot be reached. */
  readonly maxAgeMs?: number;
  readonly staleMs?: number;
  /** Values that stand in, visibly, for what is unknown. */
  readonly fallback?: ReadonlyMap<string, FactValue>;
  /** What is at hand without waiting; `undefined` when it must be fetched. Must be cheap: it is called on every read. */
  read(attribute: string, request: Request): Fact | undefined;
  /** Find out. Resolves with what was found, rejects only when `signal` aborts. */
  fetch(wanted: readonly string[], request: Request, signal: AbortSignal): Promise<ReadonlyMap<string, Fact>>;
}
