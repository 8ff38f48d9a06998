import type { FailedRequirement, Outcome, RuleRef } from "../connection/index.ts";
import { answeredAction } from "./built-in-actions.ts";
import type { DecisionFrame } from "./decision-frame.ts";
import { EvalError, Unknown } from "./expression/index.ts";
import type { CompiledAction, CompiledCondition, CompiledGuard, CompiledPolicy } from "./program.ts";
import type { DecideOptions } from "./policy.ts";
import { stricterOf } from "./strictness.ts";

/** How a condition came out. An error counts as unknown for the decision and is reported as an error. */
export type State = "true" | "false" | "unknown" | "error";

/** An outcome that one rule puts forward. */
export interface Candidate {
  readonly rule: RuleRef;
  readonly outcome: Outcome;
  /** False when it could not be found out whether the rule applies. */
  readonly certain: boolean;
  /** Actions that contribute: the rule's own, or those of its failed requirements. */
  readonly actions: readonly CompiledAction[];
  readonly failed: readonly FailedRequirement[];
}

/** Names of attributes that would have to be known. */
export type Missing = Set<string>;

/** Evaluate one condition; the attributes that it lacks are added to `missing`. */
export function stateOf(condition: CompiledCondition, frame: DecisionFrame, missing: Missing): State {
  const value = condition.evaluate(frame);
  if (value === true) return "true";
  if (value === false) return "false";
  if (value instanceof EvalError) return "error";
  if (value instanceof Unknown) for (const attribute of value.attributes) missing.add(attribute);
  return "unknown";
}

/** What judging a rule looks at. */
export interface Judging {
  readonly frame: DecisionFrame;
  readonly missing: Missing;
  readonly options: DecideOptions;
}

/** What a guard puts forward, if anything. */
export function judgeGuard(guard: CompiledGuard, { frame, missing, options }: Judging): Candidate | undefined {
  const state = stateOf(guard.when, frame, missing);
  if (state === "false") return undefined;
  const certain = state === "true";
  const action = certain ? guard.action : guard.onUnknown;
  if (action === "skip" || isAnswered(action, options)) return undefined;
  return { rule: guard.rule, outcome: action.outcome, certain, actions: [action], failed: [] };
}

/** Whether a policy is selected: its `when` and every `require … else next`. */
export function applicationOf(policy: CompiledPolicy, frame: DecisionFrame, missing: Missing): "true" | "false" | "unknown" {
  const when = policy.when === undefined ? "true" : stateOf(policy.when, frame, missing);
  if (when === "false") return "false";
  let applies: "true" | "unknown" = when === "true" ? "true" : "unknown";
  for (const condition of policy.conditions) {
    const state = stateOf(condition, frame, missing);
    if (state === "false") return "false";
    if (state !== "true") applies = "unknown";
  }
  return applies;
}

/** The outcome of a policy that is, or may be, selected: its action, or the strictest `else` of what is not met. */
export function judgePolicy(policy: CompiledPolicy, certain: boolean, { frame, missing, options }: Judging): Candidate {
  const failed: FailedRequirement[] = [];
  const actions: CompiledAction[] = [];
  let isOpen = true;
  for (const requirement of policy.requirements) {
    const { otherwise } = requirement;
    const state = stateOf(requirement.condition, frame, missing);
    if (state === "true" || isAnswered(otherwise, options)) continue;
    if (state === "false") isOpen = false;
    actions.push(otherwise);
    failed.push({
      label: requirement.label,
      line: requirement.line,
      state,
      effect: otherwise.outcome,
      ...(otherwise.say !== undefined && { say: otherwise.say }),
      ...(otherwise.help !== undefined && { help: otherwise.help }),
    });
  }
  // INVARIANT: while every failed requirement may still turn out true, the rule's own action may still be what counts.
  if (isOpen) actions.push(isAnswered(policy.action, options) ? answeredAction : policy.action);
  const outcome = actions.map((action) => action.outcome).reduce(stricterOf);
  return { rule: policy.rule, outcome, certain, actions, failed };
}

/** Whether the action is a challenge that the person has answered already. */
function isAnswered({ outcome, ask }: CompiledAction, { answered }: DecideOptions): boolean {
  return outcome === "challenge" && ask !== undefined && answered !== undefined && answered.has(ask.what);
}
