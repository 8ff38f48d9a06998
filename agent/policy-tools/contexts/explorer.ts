import type { Fact, Facts, Outcome, Verdict } from "../../connection/index.ts";
import { decide, type Policy } from "../../policy/index.ts";
import { spread } from "./attribute-values.ts";
import { breakGlassKey, type Dimension, type World } from "./world.ts";

/** One context, by attribute. It is changed in place while contexts are visited: copy what must stay. */
export type Context = Map<string, Fact>;

export type Visit = (context: ReadonlyMap<string, Fact>) => void;

export interface Exploration {
  readonly world: World;
  readonly policies: readonly Policy[];
  /** Where to look: facts that stay as they are. Absent: every host with every port of the world. */
  readonly places?: readonly ReadonlyMap<string, Fact>[];
  /** About so many contexts. */
  readonly limit: number;
  /** Nothing more needs to be visited. */
  readonly isDone?: () => boolean;
}

/** What a decision needs of a context. */
export function decideIn(policy: Policy, context: ReadonlyMap<string, Fact>, onRead?: (attribute: string) => void): Verdict {
  const scope = context.get(breakGlassKey);
  const facts: Facts = {
    read: (attribute) => {
      onRead?.(attribute);
      return context.get(attribute) ?? NOT_GIVEN;
    },
  };
  const breakGlass = scope?.kind === "known" && typeof scope.value === "string" ? scope.value : undefined;
  return decide(policy, facts, breakGlass === undefined ? {} : { breakGlass }).verdict;
}

const NOT_GIVEN: Fact = { kind: "unknown", why: "not given" };

/**
 * Visit contexts in which the policies may part. For each destination it climbs from a few beginnings to where each policy is most
 * permissive, because there every single condition matters, and visits what differs from there in one fact and in two. Destinations at
 * whose summits the same rules decide are much alike: half of the contexts go to the first of each kind.
 */
export function explore(exploration: Exploration, visit: Visit): void {
  const { limit, world, places } = exploration;
  const most = Math.max(1, Math.floor(limit / MIN_EACH));
  const kept = places === undefined ? destinationsOf(world, most) : spread(places, most);
  const explorer = new Explorer(exploration, visit);
  const kinds = new Set<string>();
  const surveys: Survey[] = [];
  for (const place of kept) {
    if (explorer.isDone) return;
    const summits = explorer.climbAt(place);
    const kind = explorer.kindOf(summits);
    surveys.push({ place, summits, isFirst: !kinds.has(kind) });
    kinds.add(kind);
  }
  const share = { first: Math.ceil(limit / 2 / Math.max(kinds.size, 1)), other: Math.ceil(limit / 2 / Math.max(kept.length, 1)) };
  for (const { place, summits, isFirst } of surveys) explorer.lookAround(place, summits, isFirst ? share.first : share.other);
}

interface Survey {
  readonly place: ReadonlyMap<string, Fact>;
  readonly summits: readonly Context[];
  /** The first of its kind. */
  readonly isFirst: boolean;
}

/** Fewer contexts than this tell little about a destination. */
const MIN_EACH = 60;

/** Every host with the ports that a policy names, those of changed rules first; as long as there is room, also with their neighbours. */
function destinationsOf({ dimensions }: World, most: number): readonly ReadonlyMap<string, Fact>[] {
  const hosts = dimensions.get("request.host");
  const { facts: ports, focus: first } = dimensions.get("request.port") ?? { facts: [], focus: 0 };
  const named = first + Math.ceil((ports.length - first) / 3);
  const focus = spread(destinations(hosts?.facts.slice(0, hosts.focus) ?? [], ports), Math.ceil(most / 2));
  const others = hosts?.facts.slice(hosts.focus) ?? [];
  const kept = spread(destinations(others, ports.slice(0, named)), most - focus.length);
  return [...focus, ...kept, ...spread(destinations(others, ports.slice(named)), most - focus.length - kept.length)];
}

function destinations(hosts: readonly Fact[], ports: readonly Fact[]): readonly ReadonlyMap<string, Fact>[] {
  return hosts.flatMap((host) =>
    ports.map(
      (port) =>
        new Map<string, Fact>([
          ["request.host", host],
          ["request.port", port],
        ]),
    ),
  );
}

class Explorer {
  readonly #exploration: Exploration;
  readonly #visit: Visit;
  readonly #dimensions: readonly Dimension[];
  /** The last summits, one for each policy: good beginnings for the next destination. */
  #summits: readonly Context[];

  constructor(exploration: Exploration, visit: Visit) {
    this.#exploration = exploration;
    this.#visit = visit;
    this.#dimensions = [...exploration.world.dimensions.values()];
    this.#summits = exploration.policies.map(() => this.#plain());
  }

  get isDone(): boolean {
    return this.#exploration.isDone?.() === true;
  }

  /** For each policy the most permissive context at a destination; it is visited on the way. */
  climbAt(place: ReadonlyMap<string, Fact>): readonly Context[] {
    const { policies, world } = this.#exploration;
    this.#summits = policies.map((policy, index) => {
      const beginnings = [this.#summits[index] ?? place, this.#plain(), ...spread(world.examples, 4)];
      return this.#climb(policy, this.#best(policy, beginnings, place), place);
    });
    for (const summit of this.#summits) this.#visit(summit);
    return this.#summits;
  }

  /** What is decided at the summits, and by which facts. */
  kindOf(summits: readonly Context[]): string {
    const { policies } = this.#exploration;
    return summits
      .flatMap((summit) =>
        policies.map((policy) => {
          const read: string[] = [];
          const { outcome, rule, failed } = decideIn(policy, summit, (attribute) => read.push(attribute));
          return [outcome, rule.kind, rule.name, ...failed.map(({ label }) => label), ...read.toSorted()].join(" ");
        }),
      )
      .join("\n");
  }

  lookAround(place: ReadonlyMap<string, Fact>, summits: readonly Context[], budget: number): void {
    this.#visit(place);
    let left = budget - 1;
    for (const [index, summit] of summits.entries()) {
      if (this.isDone) return;
      left -= this.#visitNear(summit, place, Math.floor(left / (summits.length - index)));
    }
  }

  /** Every attribute at its first value. */
  #plain(): Context {
    return new Map(this.#dimensions.map(({ attribute, facts }) => [attribute, facts[0] ?? NOT_GIVEN]));
  }

  #best(policy: Policy, beginnings: readonly ReadonlyMap<string, Fact>[], place: ReadonlyMap<string, Fact>): Context {
    let best: Context = new Map(place);
    let bestScore = scoreOf(decideIn(policy, best));
    for (const beginning of beginnings) {
      const context: Context = new Map([...beginning, ...place]);
      if (!place.has(breakGlassKey)) context.delete(breakGlassKey);
      const score = scoreOf(decideIn(policy, context));
      if (score > bestScore) [best, bestScore] = [context, score];
    }
    return best;
  }

  /** Change one fact after the other as long as the decision grows more permissive, or fewer obstacles are left. */
  #climb(policy: Policy, context: Context, place: ReadonlyMap<string, Fact>): Context {
    let score = scoreOf(decideIn(policy, context));
    for (let round = 0; round < 2 && score < SUMMIT; round += 1) {
      const before = score;
      for (const { attribute, facts } of this.#readBy([policy], context, place)) {
        if (attribute === breakGlassKey) continue;
        score = improve(policy, context, { attribute, facts, score });
      }
      if (score === before) break;
    }
    return context;
  }

  /** The dimensions that these policies look at in a context, and that are free to change. */
  #readBy(policies: readonly Policy[], context: Context, place: ReadonlyMap<string, Fact>): readonly Dimension[] {
    const read = new Set<string>([breakGlassKey]);
    for (const policy of policies) decideIn(policy, context, (attribute) => read.add(attribute));
    return this.#dimensions.filter(({ attribute }) => read.has(attribute) && !place.has(attribute));
  }

  /** The context, all that differ in one fact, then pairs in a scattered but fixed order while the budget lasts. */
  #visitNear(context: Context, place: ReadonlyMap<string, Fact>, budget: number): number {
    const changes = this.#readBy(this.#exploration.policies, context, place).flatMap(({ attribute, facts }) =>
      facts.map((fact) => ({ attribute, fact })),
    );
    let visited = 0;
    for (const change of changes) {
      this.#visitChanged(context, [change]);
      visited += 1;
    }
    const pairs = changes.length * changes.length;
    const tries = Math.min(pairs, budget - visited);
    for (let turn = 0; turn < tries && !this.isDone; turn += 1) {
      const pair = (turn * 7_919) % pairs;
      const [one, other] = [changes[pair % changes.length], changes[Math.floor(pair / changes.length)]];
      if (one === undefined || other === undefined || one.attribute === other.attribute) continue;
      this.#visitChanged(context, [one, other]);
      visited += 1;
    }
    return visited;
  }

  #visitChanged(context: Context, changes: readonly { readonly attribute: string; readonly fact: Fact }[]): void {
    const before = changes.map(({ attribute }) => context.get(attribute));
    for (const { attribute, fact } of changes) context.set(attribute, fact);
    this.#visit(context);
    for (const [index, { attribute }] of changes.entries()) {
      const old = before[index];
      if (old === undefined) context.delete(attribute);
      else context.set(attribute, old);
    }
  }
}

interface Step extends Pick<Dimension, "attribute" | "facts"> {
  readonly score: number;
}

/** Leave the fact that scores best in the context. */
function improve(policy: Policy, context: Context, { attribute, facts, score }: Step): number {
  let best = context.get(attribute);
  let bestScore = score;
  for (const fact of facts) {
    context.set(attribute, fact);
    const reached = scoreOf(decideIn(policy, context));
    if (reached > bestScore) [best, bestScore] = [fact, reached];
  }
  if (best === undefined) context.delete(attribute);
  else context.set(attribute, best);
  return bestScore;
}

/** Most permissive last. */
export const permissiveness: Readonly<Record<Outcome, number>> = { deny: 0, redirect: 1, challenge: 2, step_up: 3, allow: 4 };
const SUMMIT = 4000;

function scoreOf({ outcome, failed, unknown }: Verdict): number {
  return permissiveness[outcome] * 1000 - Math.min(failed.length * 20 + unknown.length, 900);
}
