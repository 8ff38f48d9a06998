import type { Fact, FactValue, Request } from "../connection/index.ts";

/**
 * Somebody who knows facts that are not in the request: sign-in, inventory, geography, posture, risk. A source is asked only for
 * what a rule needs, and keeps what it learnt itself; `judgeReading` says what an old value is worth.
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

/** For how long a value holds, from the policy's `attribute` block or the source's own defaults. */
export interface Freshness {
  readonly maxAgeMs?: number | undefined;
  /** How much longer a value may be used while its source cannot be reached. */
  readonly staleMs?: number | undefined;
  /** Stands in, visibly, for what is unknown. */
  readonly fallback?: FactValue | undefined;
}

/** A value as a source learnt it. */
export interface Reading {
  readonly value: FactValue;
  readonly source: string;
  /** Milliseconds since the Unix epoch. */
  readonly readAt: number;
  /** The source did not answer since (timeout, 5xx, no name); "it is gone" is an answer and no reason to use an old value. */
  readonly isSourceSilent: boolean;
}

/**
 * What a reading is worth now: fresh up to `maxAgeMs`, then stale for `staleMs` while the source is silent, then unknown, for which
 * the fallback may stand in. A reading from the future is as unknown as one that is too old: the clock was set back.
 */
export function judgeReading(reading: Reading | undefined, freshness: Freshness, now: number): Fact {
  if (reading === undefined) return unknownOr(freshness.fallback, { kind: "unknown", why: "not fetched yet", pending: true });
  const { value, source } = reading;
  const ageMs = now - reading.readAt;
  const { maxAgeMs = Number.POSITIVE_INFINITY, staleMs = 0 } = freshness;
  if (ageMs >= 0 && ageMs <= maxAgeMs) return { kind: "known", value, source, ageMs };
  if (ageMs > maxAgeMs && ageMs < maxAgeMs + staleMs && reading.isSourceSilent) return { kind: "known", value, source, ageMs, stale: true };
  const why = ageMs < 0 ? "the clock was set back since it was fetched" : "the last value is too old";
  return unknownOr(freshness.fallback, { kind: "unknown", why, source, pending: !reading.isSourceSilent });
}

function unknownOr(fallback: FactValue | undefined, fact: Fact): Fact {
  return fallback === undefined ? fact : { kind: "known", value: fallback, assumed: true };
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
