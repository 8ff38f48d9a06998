import type { RuleRef, Verdict } from "../../connection/index.ts";
import { type CompiledCondition, decide, factsOfTest, givenFacts, type Policy, type Program } from "../../policy/index.ts";
import { watchConditions } from "../contexts/watch-conditions.ts";

/** How a condition came out while the tests ran. */
export interface Directions {
  readonly holds: boolean;
  readonly fails: boolean;
}

export interface RequirementCoverage extends Directions {
  readonly label: string;
  readonly line: number;
}

export interface RuleCoverage {
  readonly kind: RuleRef["kind"] | "route";
  readonly name: string;
  readonly line: number;
  /** In how many tests it named the verdict; a route: in how many it added its ways out. */
  readonly decided: number;
  /** Absent for a rule without a condition. */
  readonly when?: Directions;
  readonly requirements: readonly RequirementCoverage[];
}

export interface Coverage {
  readonly rules: readonly RuleCoverage[];
  /** Directions of conditions that some test took, and how many there are. */
  readonly taken: number;
  readonly directions: number;
}

/** Which rules the embedded tests put to work, and which conditions they saw come out both ways. */
export function measureCoverage(policy: Policy): Coverage {
  const seen = new Seen();
  const watched: Policy = { ...policy, program: watch(policy.program, seen) };
  for (const test of policy.program.tests) {
    const breakGlass = test.expectations.find((expectation) => expectation.kind === "expect")?.breakGlass?.text;
    seen.begin();
    const { verdict } = decide(watched, givenFacts(factsOfTest(policy, test)), breakGlass === undefined ? {} : { breakGlass });
    noteSkipped(policy.program, verdict, seen);
  }
  const rules = listRules(policy, seen);
  const conditions = rules.flatMap(({ when, requirements }) => [...(when === undefined ? [] : [when]), ...requirements]);
  const taken = conditions.reduce((sum, { holds, fails }) => sum + Number(holds) + Number(fails), 0);
  return { rules, taken, directions: conditions.length * 2 };
}

/** What happened to each condition, in all tests and in the one that runs. */
class Seen {
  readonly #directions = new Map<CompiledCondition, { holds: boolean; fails: boolean }>();
  readonly #decided = new Map<string, number>();
  #now = new Set<CompiledCondition>();

  begin(): void {
    this.#now = new Set();
  }

  ask(condition: CompiledCondition): void {
    this.#now.add(condition);
  }

  note(condition: CompiledCondition, holds: boolean): void {
    const directions = this.#directions.get(condition) ?? { holds: false, fails: false };
    this.#directions.set(condition, directions);
    if (holds) directions.holds = true;
    else directions.fails = true;
  }

  wasAsked(condition: CompiledCondition): boolean {
    return this.#now.has(condition);
  }

  decide(rule: string): void {
    this.#decided.set(rule, (this.#decided.get(rule) ?? 0) + 1);
  }

  decided(rule: string): number {
    return this.#decided.get(rule) ?? 0;
  }

  of(condition: CompiledCondition): Directions {
    return { holds: false, fails: false, ...this.#directions.get(condition) };
  }
}

/** Every condition tells how it came out. What is not known to hold counts as neither. */
function watch(program: Program, seen: Seen): Program {
  return watchConditions(program, (condition) => ({
    ...condition,
    evaluate: (frame) => {
      const value = condition.evaluate(frame);
      seen.ask(condition);
      if (typeof value === "boolean") seen.note(condition, value);
      return value;
    },
  }));
}

/** Rules that the index passed over are rules whose condition is false for the host: they were looked at, only faster. */
function noteSkipped(program: Program, verdict: Verdict, seen: Seen): void {
  const skip = (when: CompiledCondition | undefined): void => {
    if (when !== undefined && !seen.wasAsked(when)) seen.note(when, false);
  };
  seen.decide(keyOf(verdict.rule));
  const isOpened = verdict.rule.kind === "lifeline" || verdict.rule.kind === "break_glass";
  for (const guard of program.guards) if (!isOpened || guard.always) skip(guard.when);
  const last = program.policies.findIndex(({ rule }) => rule.name === verdict.rule.name && rule.kind === verdict.rule.kind);
  const passed = verdict.rule.kind === "default" ? program.policies : program.policies.slice(0, Math.max(last, 0));
  for (const policy of passed) skip(policy.when);
  if (verdict.outcome !== "allow") return;
  for (const route of program.routes) {
    skip(route.when);
    if (route.use.every((backend) => verdict.backends.includes(backend))) seen.decide(`route ${route.name}`);
  }
}

function keyOf({ kind, name }: Pick<RuleRef, "kind" | "name">): string {
  return `${kind} ${name}`;
}

function listRules(policy: Policy, seen: Seen): readonly RuleCoverage[] {
  const { program } = policy;
  const conditional = [...program.breakGlass.values(), ...program.guards].map(({ rule, when }) => entryOf(rule, when, seen));
  const lifelines = policy.lifelines.map(({ name, at }) => entryOf({ kind: "lifeline", name, line: at.line }, undefined, seen));
  const policies = program.policies.map(({ rule, when, requirements }) => ({
    ...entryOf(rule, when, seen),
    requirements: requirements.map(({ label, line, condition }) => ({ label, line, ...seen.of(condition) })),
  }));
  const routes = program.routes.map(({ name, line, when }) => ({
    ...entryOf({ kind: "policy", name, line }, when, seen),
    kind: "route" as const,
    decided: seen.decided(`route ${name}`),
  }));
  return [...lifelines, ...conditional, ...policies, ...routes];
}

function entryOf(rule: RuleRef, when: CompiledCondition | undefined, seen: Seen): RuleCoverage {
  return {
    kind: rule.kind,
    name: rule.name,
    line: rule.line ?? 0,
    decided: seen.decided(keyOf(rule)),
    ...(when !== undefined && { when: seen.of(when) }),
    requirements: [],
  };
}
