import type { Fact } from "../../connection/index.ts";
import type { LoadResult, Policy } from "../../policy/index.ts";
import { decideIn, explore } from "../contexts/explorer.ts";
import { watchConditions } from "../contexts/watch-conditions.ts";
import { worldOf } from "../contexts/world.ts";

/** What a policy costs is measured with things that this room does not have. */
export interface Instruments {
  /** Milliseconds that only grow, with a fraction. */
  readonly now: () => number;
  /** Bytes in use after what is not needed was let go; absent where that cannot be asked. */
  readonly heapBytes?: () => number;
  /** Reads and checks the policy once more. */
  readonly load: () => LoadResult;
}

export interface RuleCost {
  readonly kind: string;
  readonly name: string;
  readonly line: number;
  /** How often its conditions were evaluated, in all decisions. */
  readonly evaluated: number;
  /** Nanoseconds of one evaluation of all its conditions, on average. */
  readonly nanoseconds: number;
  /** Its share of all the time in conditions, 0 to 1. */
  readonly share: number;
}

export interface PolicyCost {
  readonly loadMs: number;
  readonly heapBytes?: number;
  readonly decisions: number;
  /** Of one decision. */
  readonly microseconds: { readonly p50: number; readonly p99: number; readonly p999: number; readonly worst: number };
  readonly rules: readonly RuleCost[];
}

export interface MeasureOptions {
  readonly decisions?: number;
}

/** How long a policy takes to load and to decide, on contexts made from its own literals, and which rules take the time. */
export function measurePolicy(policy: Policy, instruments: Instruments, options: MeasureOptions = {}): PolicyCost {
  const loaded = measureLoad(instruments);
  const contexts = sampleContexts(policy);
  const times = timeDecisions(policy, { contexts, decisions: options.decisions ?? 200_000, instruments });
  return { ...loaded, decisions: times.length, microseconds: percentiles(times), rules: costsOfRules(policy, contexts, instruments) };
}

function measureLoad({ now, heapBytes, load }: Instruments): Pick<PolicyCost, "loadMs" | "heapBytes"> {
  load();
  const before = heapBytes?.();
  const begun = now();
  const kept = load();
  const loadMs = now() - begun;
  const after = heapBytes?.();
  const isThere = kept.policy !== undefined && before !== undefined && after !== undefined;
  return { loadMs, ...(isThere && { heapBytes: Math.max(0, after - before) }) };
}

const MAX_CONTEXTS = 5000;

function sampleContexts(policy: Policy): readonly ReadonlyMap<string, Fact>[] {
  const contexts: ReadonlyMap<string, Fact>[] = [];
  const exploration = { world: worldOf([policy]), policies: [policy], limit: MAX_CONTEXTS, isDone: () => contexts.length >= MAX_CONTEXTS };
  explore(exploration, (context) => {
    if (contexts.length < MAX_CONTEXTS) contexts.push(new Map(context));
  });
  return contexts;
}

interface Timing {
  readonly contexts: readonly ReadonlyMap<string, Fact>[];
  readonly decisions: number;
  readonly instruments: Instruments;
}

/** Milliseconds of each decision, ascending; the first round only warms up. */
function timeDecisions(policy: Policy, { contexts, decisions, instruments: { now } }: Timing): Float64Array {
  for (const context of contexts) decideIn(policy, context);
  const times = new Float64Array(contexts.length === 0 ? 0 : decisions);
  for (let turn = 0; turn < times.length; turn += 1) {
    const context = contexts[turn % contexts.length];
    if (context === undefined) continue;
    const begun = now();
    decideIn(policy, context);
    times[turn] = now() - begun;
  }
  return times.toSorted();
}

function percentiles(times: Float64Array): PolicyCost["microseconds"] {
  const at = (share: number): number => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0) * 1000;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), worst: at(1) };
}

interface Meter {
  evaluated: number;
  ms: number;
}

/** Each condition is timed alone; what the clock itself takes is taken off. */
function costsOfRules(policy: Policy, contexts: readonly ReadonlyMap<string, Fact>[], { now }: Instruments): readonly RuleCost[] {
  const meters = new Map<number, Meter>();
  const tick = costOfClock(now);
  const program = watchConditions(policy.program, (condition) => {
    const meter: Meter = { evaluated: 0, ms: 0 };
    meters.set(condition.at.offset, meter);
    return {
      ...condition,
      evaluate: (frame) => {
        const begun = now();
        const value = condition.evaluate(frame);
        meter.ms += Math.max(0, now() - begun - tick);
        meter.evaluated += 1;
        return value;
      },
    };
  });
  for (const context of contexts) decideIn({ ...policy, program }, context);
  const all = [...meters.values()].reduce((sum, { ms }) => sum + ms, 0);
  return policy.rules
    .flatMap(({ rule, at }) => {
      const own = [...meters].filter(([offset]) => offset >= at.offset && offset < at.offset + at.length).map(([, meter]) => meter);
      const evaluated = Math.max(0, ...own.map((meter) => meter.evaluated));
      const ms = own.reduce((sum, meter) => sum + meter.ms, 0);
      if (evaluated === 0) return [];
      const nanoseconds = (ms * 1_000_000) / evaluated;
      return [{ kind: rule.kind, name: rule.name, line: rule.line ?? at.line, evaluated, nanoseconds, share: all === 0 ? 0 : ms / all }];
    })
    .toSorted((one, other) => other.share - one.share);
}

function costOfClock(now: () => number): number {
  const rounds = 10_000;
  const begun = now();
  for (let round = 0; round < rounds; round += 1) now();
  return (now() - begun) / rounds;
}
