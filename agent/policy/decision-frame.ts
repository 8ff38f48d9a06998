import type { Fact, Facts, UnknownFact } from "../connection/index.ts";
import { type Absent, type Frame, type Outcome, Unknown, valueOfFact } from "./expression/index.ts";
import type { Policy } from "./policy.ts";
import type { Attribute } from "./vocabulary.ts";

/**
 * What one decision knows: each fact is read at most once, judged by its age, and replaced by its fallback where the policy
 * says so. It also remembers what was stale, assumed, unknown and still to be fetched.
 */
export class DecisionFrame implements Frame {
  readonly slots: (Outcome | Absent | undefined)[] = [];
  readonly locals: Outcome[] = [];
  readonly stale: string[] = [];
  readonly assumed: string[] = [];
  readonly #policy: Policy;
  readonly #facts: Facts;
  readonly #missing = new Map<string, Extract<Fact, { readonly kind: "unknown" }>>();

  constructor(policy: Policy, facts: Facts) {
    this.#policy = policy;
    this.#facts = facts;
    for (let slot = policy.program.table.size; slot > 0; slot--) this.slots.push(undefined);
  }

  fetch(slot: number): Outcome | Absent {
    const value = this.#read(this.#policy.program.table.pathOf(slot));
    this.slots[slot] = value;
    return value;
  }

  /** The destination, for the host index; `undefined` while it is unknown. */
  host(): string | undefined {
    const value = this.#at(this.#policy.program.hostSlot);
    return typeof value === "string" ? value : undefined;
  }

  port(): number | undefined {
    const value = this.#at(this.#policy.program.portSlot);
    return typeof value === "number" ? value : undefined;
  }

  /** Why an attribute could not be found out. */
  whyUnknown(attribute: string): UnknownFact {
    const fact = this.#missing.get(attribute);
    const source = fact?.source ?? this.#policy.attributes.get(attribute)?.source?.name;
    return { attribute, why: fact?.why ?? "unknown", ...(source !== undefined && { source }) };
  }

  isPending(attribute: string): boolean {
    return this.#missing.get(attribute)?.pending === true;
  }

  /** Every fact that was read, by path. */
  get read(): readonly string[] {
    const { table } = this.#policy.program;
    return this.slots.flatMap((value, slot) => (value === undefined || table.pathOf(slot) === "" ? [] : [table.pathOf(slot)]));
  }

  #at(slot: number): Outcome | Absent {
    return this.slots[slot] ?? this.fetch(slot);
  }

  #read(path: string): Outcome | Absent {
    const attribute = this.#policy.attributes.get(path);
    const type = this.#policy.program.environment.attributes.get(path);
    if (attribute === undefined || type === undefined) return this.#miss(path, { kind: "unknown", why: "not declared" });
    const fact = judgeAge(attribute, readSafely(this.#facts, path));
    const value = valueOfFact(path, type, fact);
    if (value instanceof Unknown) return this.#replace(attribute, fact);
    if (fact.kind === "known" && isOld(attribute, fact)) this.stale.push(path);
    if (fact.kind === "known" && fact.assumed === true) this.assumed.push(path);
    return value;
  }

  /** A fallback stands in for what could not be found out, but not for what only has not been asked for yet. */
  #replace(attribute: Attribute, fact: Fact): Outcome | Absent {
    const { path, fallback } = attribute;
    const type = this.#policy.program.environment.attributes.get(path);
    const missing: Fact = fact.kind === "unknown" ? fact : { kind: "unknown", why: whyUnfit(attribute, fact) };
    if (fallback === undefined || type === undefined || missing.pending === true) return this.#miss(path, missing);
    this.assumed.push(path);
    return valueOfFact(path, type, { kind: "known", value: fallback });
  }

  #miss(path: string, fact: Extract<Fact, { readonly kind: "unknown" }>): Outcome {
    this.#missing.set(path, fact);
    return new Unknown([path]);
  }
}

/** A source of facts that throws makes this one fact unknown; it never breaks the decision. */
function readSafely(facts: Facts, path: string): Fact {
  try {
    return facts.read(path);
  } catch {
    return { kind: "unknown", why: "reading it failed" };
  }
}

/** Fresh up to `max_age`, stale for `stale` longer, then unknown. A fact without an age is fresh. */
function judgeAge(attribute: Attribute, fact: Fact): Fact {
  if (fact.kind !== "known" || attribute.maxAgeMs === undefined || fact.ageMs === undefined) return fact;
  if (fact.ageMs <= attribute.maxAgeMs + (attribute.staleMs ?? 0)) return fact;
  return { kind: "unknown", why: "the last known value is too old", ...(fact.source !== undefined && { source: fact.source }) };
}

function isOld(attribute: Attribute, fact: Extract<Fact, { readonly kind: "known" }>): boolean {
  return fact.stale === true || (attribute.maxAgeMs !== undefined && fact.ageMs !== undefined && fact.ageMs > attribute.maxAgeMs);
}

function whyUnfit(attribute: Attribute, fact: Fact): string {
  return fact.kind === "absent" ? "there is none, although it is not optional" : `its value is not of type ${attribute.type}`;
}
