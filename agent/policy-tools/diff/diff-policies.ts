import type { Fact, Outcome, RuleRef, Verdict } from "../../connection/index.ts";
import type { Policy } from "../../policy/index.ts";
import { decideIn, explore } from "../contexts/explorer.ts";
import { worldOf } from "../contexts/world.ts";
import { describeRequest, type ExampleFact } from "./describe-request.ts";
import { simplify } from "./simplify.ts";
import { type TrafficRequest, trafficPlaces } from "./traffic.ts";
import { changeBetween, type ChangeKind } from "./verdict-change.ts";

export interface DiffSide {
  readonly outcome: Outcome;
  readonly rule: RuleRef;
}

/** Requests that are decided alike by each policy, and otherwise by the other one. */
export interface DiffClass {
  readonly kind: ChangeKind;
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** What is carried out otherwise, when the outcome is the same. */
  readonly parts: readonly string[];
  /** How many of the contexts that were tried fall into it. */
  readonly contexts: number;
  /** With traffic: how many recorded requests may fall into it. */
  readonly requests?: number;
  /** Some destinations, `host:port`. */
  readonly destinations: readonly string[];
  /** One request of the class: the facts that matter. */
  readonly example: readonly ExampleFact[];
}

export interface PolicyDiff {
  readonly classes: readonly DiffClass[];
  readonly contexts: number;
  /** Recorded requests that were looked at. */
  readonly requests?: number;
}

export interface DiffOptions {
  /** About so many contexts are tried. */
  readonly limit?: number;
  /** Look only at destinations that somebody asked for. */
  readonly traffic?: readonly TrafficRequest[];
}

const defaultContexts = 100_000;
const MAX_DESTINATIONS = 5;

interface Gathered {
  readonly kind: ChangeKind;
  readonly before: Verdict;
  readonly after: Verdict;
  readonly parts: readonly string[];
  readonly example: ReadonlyMap<string, Fact>;
  readonly destinations: Set<string>;
  readonly requests: Set<TrafficRequest>;
  contexts: number;
}

/**
 * What a change of policy opens, closes and changes: contexts from the literals of both policies, or the destinations of recorded
 * traffic with those. It samples: a class that it shows is real, what it does not show was not found among the contexts tried.
 */
export function diffPolicies(before: Policy, after: Policy, options: DiffOptions = {}): PolicyDiff {
  const found = new Map<string, Gathered>();
  let contexts = 0;
  const compare = (context: ReadonlyMap<string, Fact>, request?: TrafficRequest): void => {
    contexts += 1;
    const [old, young] = [decideIn(before, context), decideIn(after, context)];
    const change = changeBetween(old, young);
    if (change === undefined || (request !== undefined && !request.isLike(old, before))) return;
    const key = [
      change.kind,
      old.outcome,
      old.rule.kind,
      old.rule.name,
      young.outcome,
      young.rule.kind,
      young.rule.name,
      ...change.parts,
    ].join("\n");
    const gathered = found.get(key) ?? begin(found, key, { ...change, before: old, after: young, example: new Map(context) });
    gathered.contexts += 1;
    if (request !== undefined) gathered.requests.add(request);
    if (gathered.destinations.size < MAX_DESTINATIONS) gathered.destinations.add(describeRequest(context));
  };
  run({ before, after, options, compare });
  const classes = [...found.values()].map((gathered) => finish(gathered, { before, after, withTraffic: options.traffic !== undefined }));
  const requests = options.traffic?.reduce((sum, { count }) => sum + count, 0);
  return { classes: classes.toSorted(byWeight), contexts, ...(requests !== undefined && { requests }) };
}

interface Run {
  readonly before: Policy;
  readonly after: Policy;
  readonly options: DiffOptions;
  readonly compare: (context: ReadonlyMap<string, Fact>, request?: TrafficRequest) => void;
}

function run({ before, after, options, compare }: Run): void {
  const policies = [before, after];
  const world = worldOf(policies);
  const limit = options.limit ?? defaultContexts;
  if (options.traffic === undefined) return explore({ world, policies, limit }, (context) => compare(context));
  for (const { request, place, share } of trafficPlaces(options.traffic, limit)) {
    explore({ world, policies, places: [place], limit: share }, (context) => compare(context, request));
  }
}

type Beginning = Omit<Gathered, "destinations" | "requests" | "contexts">;

function begin(found: Map<string, Gathered>, key: string, beginning: Beginning): Gathered {
  const gathered: Gathered = { ...beginning, destinations: new Set(), requests: new Set(), contexts: 0 };
  found.set(key, gathered);
  return gathered;
}

function finish(
  gathered: Gathered,
  { before, after, withTraffic }: { readonly before: Policy; readonly after: Policy; readonly withTraffic: boolean },
): DiffClass {
  const { kind, parts, contexts, destinations } = gathered;
  return {
    kind,
    before: { outcome: gathered.before.outcome, rule: gathered.before.rule },
    after: { outcome: gathered.after.outcome, rule: gathered.after.rule },
    parts,
    contexts,
    ...(withTraffic && { requests: [...gathered.requests].reduce((sum, { count }) => sum + count, 0) }),
    destinations: [...destinations],
    example: simplify(gathered.example, { before, after }),
  };
}

const ORDER: Readonly<Record<ChangeKind, number>> = { opens: 0, closes: 1, changes: 2 };

function byWeight(one: DiffClass, other: DiffClass): number {
  return ORDER[one.kind] - ORDER[other.kind] || (other.requests ?? 0) - (one.requests ?? 0) || other.contexts - one.contexts;
}
