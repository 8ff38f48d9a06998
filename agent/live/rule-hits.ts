import type { RuleRef } from "../contract/index.ts";

/** How often a rule decided, and for whom lately. */
export interface RuleHits {
  readonly hits: number;
  readonly lastHitAt?: number;
  /** Ids, newest first, at most ten. */
  readonly lastConnections: readonly string[];
}

interface Counter {
  hits: number;
  lastHitAt: number;
  /** A ring; `next` is where the oldest is overwritten. */
  readonly ids: string[];
  next: number;
}

const REMEMBERED = 10;
/** Rules of policies that are long replaced are nobody's concern. */
const POLICIES = 4;

/** Counts for each rule of each policy lately in force. */
export class RuleHitCounters {
  readonly #policies = new Map<string, Map<string, Counter>>();
  /** Most connections are decided by the rule that decided the one before. */
  #last: { readonly policyDigest: string; readonly rule: RuleRef; readonly counter: Counter } | undefined;

  count(policyDigest: string, rule: RuleRef, connection: { readonly id: string; readonly at: number }): void {
    const last = this.#last;
    const isSame = last !== undefined && last.policyDigest === policyDigest && isSameRule(last.rule, rule);
    const counter = isSame ? last.counter : this.#counter(policyDigest, rule);
    if (!isSame) this.#last = { policyDigest, rule, counter };
    counter.hits += 1;
    counter.lastHitAt = connection.at;
    counter.ids[counter.next] = connection.id;
    counter.next = (counter.next + 1) % REMEMBERED;
  }

  read(policyDigest: string, rule: RuleRef): RuleHits {
    const counter = this.#policies.get(policyDigest)?.get(keyOf(rule));
    if (counter === undefined) return { hits: 0, lastConnections: [] };
    const ids = [...counter.ids.slice(counter.next), ...counter.ids.slice(0, counter.next)];
    return { hits: counter.hits, lastHitAt: counter.lastHitAt, lastConnections: ids.toReversed() };
  }

  #counter(policyDigest: string, rule: RuleRef): Counter {
    const rules = this.#policies.get(policyDigest) ?? this.#addPolicy(policyDigest);
    const key = keyOf(rule);
    let counter = rules.get(key);
    if (counter === undefined) {
      counter = { hits: 0, lastHitAt: 0, ids: [], next: 0 };
      rules.set(key, counter);
    }
    return counter;
  }

  #addPolicy(policyDigest: string): Map<string, Counter> {
    const rules = new Map<string, Counter>();
    this.#policies.set(policyDigest, rules);
    const oldest = this.#policies.keys().next();
    if (this.#policies.size > POLICIES && oldest.done === false) this.#policies.delete(oldest.value);
    return rules;
  }
}

function isSameRule(a: RuleRef, b: RuleRef): boolean {
  return a.name === b.name && a.line === b.line && a.kind === b.kind;
}

function keyOf(rule: RuleRef): string {
  return `${rule.kind} ${rule.line ?? 0} ${rule.name}`;
}
