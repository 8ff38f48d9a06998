import type { Fact, Request } from "../connection/index.ts";

/**
 * Somebody who knows facts that are not in the request: sign-in, inventory, geography, posture, risk. A source is asked only for
 * what a rule needs, and keeps what it learnt itself. It tells the age of a fact (`ageMs`) and, while it cannot be reached itself,
 * that the fact is `stale`; what an old value is worth, and what stands in for a missing one, is written in the policy and judged there.
 */
export interface FactSource {
  /** The word after `source` in a policy, and the `source` of its facts in an explanation. */
  readonly name: string;
  /** Exact attribute paths (`geo.country`) or whole groups (`user.*`). The first source that provides an attribute is the one asked. */
  readonly provides: readonly string[];
  /**
   * What is at hand without waiting: it is called on every read, so it must be cheap and never throw. An unknown with `pending` may
   * be worth a `fetch`.
   */
  read(attribute: string, request: Request): Fact;
  /** Find out, so that `read` knows more afterwards. Returns what was found; rejects when `signal` aborts. */
  fetch(wanted: readonly string[], request: Request, signal: AbortSignal): Promise<ReadonlyMap<string, Fact>>;
}

/** Finds the source of an attribute: an exact name before a group, an earlier source before a later one. */
export function createSourceIndex(sources: readonly FactSource[]): (attribute: string) => FactSource | undefined {
  const exact = new Map<string, FactSource>();
  const groups = new Map<string, FactSource>();
  for (const source of sources) {
    for (const provided of source.provides) {
      const [table, key] = provided.endsWith(".*") ? [groups, provided.slice(0, -2)] : [exact, provided];
      if (!table.has(key)) table.set(key, source);
    }
  }
  return (attribute) => exact.get(attribute) ?? groups.get(attribute.slice(0, attribute.indexOf(".")));
}
