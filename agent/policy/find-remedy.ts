import type { Fact, Facts, FactValue } from "../connection/index.ts";
import type { RuleRef } from "../contract/index.ts";
import { type ReadCondition, readCondition, sourceText } from "./condition-source.ts";
import { decide, type Judgement } from "./decide.ts";
import { attributesOf, type Expression, formatExpression } from "./expression/index.ts";
import { DecisionFrame } from "./decision-frame.ts";
import { RuleWalk } from "./host-index.ts";
import { applicationOf, type Candidate, stateOf } from "./judge-rule.ts";
import type { Policy } from "./policy.ts";
import type { CompiledCondition, CompiledPolicy } from "./program.ts";
import { type Current, type Edits, holdsAlready, mergeEdits, solveCondition } from "./solve-condition.ts";

/** A condition under which the request would be allowed. */
export interface Remedy {
  readonly text: string;
  /** What was changed to verify it. */
  readonly edits: Edits;
  /** Every attribute that the text names. */
  readonly attributes: readonly string[];
  /** The rule that would allow, when now none applies. */
  readonly nearest?: RuleRef;
}

/** So many rules are looked at to find the nearest that would allow. */
const MAX_NEAREST = 50;

interface Step {
  readonly condition: CompiledCondition;
  /** What the condition has to come out as. */
  readonly want: boolean;
  readonly text: string;
  readonly edits: Edits;
  readonly attributes: readonly string[];
}

/** Find what is missing, and verify it: with it, deciding again gives "allow". `undefined` when nothing was found that does. */
export function findRemedy(judgement: Judgement, facts: Facts): Remedy | undefined {
  const obstacles = judgement.candidates.filter((candidate) => candidate.outcome !== "allow" && candidate.rule.kind !== "default");
  const steps: Step[] = [];
  for (const candidate of obstacles) {
    const step = overcome(candidate, judgement, facts);
    if (step === undefined) return undefined;
    steps.push(...step);
  }
  const isDefault = judgement.candidates.some((candidate) => candidate.rule.kind === "default");
  return isDefault ? nearestRemedy(steps, judgement, facts) : verify(steps, judgement, facts);
}

function verify(steps: readonly Step[], { policy, options }: Judgement, facts: Facts): Remedy | undefined {
  const edits = mergeEdits(steps.map((step) => step.edits));
  if (steps.length === 0 || edits === undefined) return undefined;
  const edited = withEdits(facts, edits);
  if (!holdsAll(steps, policy, edited) || decide(policy, edited, options).verdict.outcome !== "allow") return undefined;
  const attributes = [...new Set(steps.flatMap((step) => step.attributes))];
  return { text: [...new Set(steps.map((step) => step.text))].join(" and "), edits, attributes };
}

/** Edits for one condition may spoil another, and still end in an allow by a different rule. */
function holdsAll(steps: readonly Step[], policy: Policy, facts: Facts): boolean {
  const frame = new DecisionFrame(policy, facts);
  return steps.every(({ condition, want }) => condition.evaluate(frame) === want);
}

/** The same facts with some of them as they would have to be. */
export function withEdits(facts: Facts, edits: Edits): Facts {
  return {
    read: (attribute): Fact => {
      const value = edits.get(attribute);
      return value === undefined ? facts.read(attribute) : { kind: "known", value };
    },
  };
}

function overcome(candidate: Candidate, judgement: Judgement, facts: Facts): readonly Step[] | undefined {
  const { guards, policies } = judgement.policy.program;
  if (candidate.rule.kind === "guard") {
    const guard = guards.find(({ rule }) => rule === candidate.rule);
    return guard && allOrNone([stepFor(guard.when, false, { judgement, facts })]);
  }
  const policy = policies.find(({ rule }) => rule === candidate.rule);
  if (policy === undefined) return undefined;
  if (policy.action.outcome === "allow") return meetRequirements(policy, judgement, facts);
  return policy.when && allOrNone([stepFor(policy.when, false, { judgement, facts })]);
}

/** Everything that the rule still lacks, `when` and `else next` included if it only may apply. */
function meetRequirements(policy: CompiledPolicy, judgement: Judgement, facts: Facts): readonly Step[] | undefined {
  const { frame } = judgement;
  const conditions = [
    ...(policy.when ? [policy.when] : []),
    ...policy.conditions,
    ...policy.requirements.map(({ condition }) => condition),
  ];
  const lacking = conditions.filter((condition) => stateOf(condition, frame, new Set()) !== "true");
  return allOrNone(lacking.map((condition) => stepFor(condition, true, { judgement, facts })));
}

function allOrNone(steps: readonly (Step | undefined)[]): readonly Step[] | undefined {
  return steps.includes(undefined) ? undefined : (steps as readonly Step[]);
}

interface Ground {
  readonly judgement: Judgement;
  readonly facts: Facts;
}

function stepFor(condition: CompiledCondition, want: boolean, { judgement, facts }: Ground): Step | undefined {
  const { policy } = judgement;
  const read = readCondition(policy, condition.at);
  if (read === undefined) return undefined;
  const current = (attribute: string) => knownValue(policy, facts, attribute);
  const edits = solveCondition(read.checked, want, current);
  if (edits === undefined) return undefined;
  const text = want ? lackingText(read, current) : `not (${sourceText(policy, condition.at)})`;
  return { condition, want, text, edits, attributes: attributesOf(read.checked) };
}

/** The condition without the parts of its `and` that hold already. */
function lackingText({ expression, checked }: ReadCondition, current: Current): string {
  const { tree } = checked;
  if (expression.kind !== "and" || tree.kind !== "and" || tree.items.length !== expression.items.length) return joinable(expression);
  const lacking = expression.items.filter((_, at) => {
    const item = tree.items[at];
    return item === undefined || !holdsAlready(item, current);
  });
  return (lacking.length === 0 ? [expression] : lacking).map(joinable).join(" and ");
}

/** As part of an `and`, an alternative needs brackets. */
function joinable(expression: Expression): string {
  const text = formatExpression(expression);
  return expression.kind === "or" || expression.kind === "conditional" ? `(${text})` : text;
}

function knownValue(policy: Policy, facts: Facts, attribute: string): FactValue | undefined {
  const fact = facts.read(attribute);
  return fact.kind === "known" ? fact.value : policy.attributes.get(attribute)?.fallback;
}

/** When no policy applies: of the rules for this host that allow, the one that lacks least. */
function nearestRemedy(steps: readonly Step[], judgement: Judgement, facts: Facts): Remedy | undefined {
  let best: Remedy | undefined;
  for (const policy of rulesNear(judgement)) {
    const own = meetRequirements(policy, judgement, facts);
    const remedy = own && verify([...steps, ...own], judgement, facts);
    if (remedy !== undefined && (best === undefined || remedy.edits.size < best.edits.size)) best = { ...remedy, nearest: policy.rule };
  }
  return best;
}

function rulesNear({ policy, frame }: Judgement): readonly CompiledPolicy[] {
  const { policies, policyIndex } = policy.program;
  const walk = new RuleWalk();
  policyIndex.collect(frame.host(), walk);
  const near: CompiledPolicy[] = [];
  for (let at = walk.next(); at >= 0 && near.length < MAX_NEAREST; at = walk.next()) {
    const rule = policies[at];
    if (rule?.action.outcome === "allow" && applicationOf(rule, frame, new Set()) === "false") near.push(rule);
  }
  return near;
}
