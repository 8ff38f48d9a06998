import type { Facts } from "../connection/index.ts";
import { DecisionFrame } from "./decision-frame.ts";
import { type CheckedExpression, checkExpression, type Expression, parseWholeExpression, type Span, types } from "./expression/index.ts";
import { formatFact } from "./format-fact.ts";
import type { Policy } from "./policy.ts";
import type { CompiledCondition } from "./program.ts";

/** A fact that a condition looked at, as it is shown. */
export interface ShownFact {
  readonly attribute: string;
  readonly value: string;
  readonly source?: string | undefined;
}

export interface ReadCondition {
  readonly expression: Expression;
  readonly checked: CheckedExpression;
}

/** The words of a condition, on one line. */
export function sourceText(policy: Policy, at: Span): string {
  return policy.text
    .slice(at.offset, at.offset + at.length)
    .replace(/(?:#|\/\/)[^\r\n"]*[\r\n]/g, " ")
    .replace(/\s+/g, " ");
}

/** Read a condition again: the trees were dropped after loading, only the places are kept. */
export function readCondition(policy: Policy, at: Span): ReadCondition | undefined {
  const { expression } = parseWholeExpression(policy.text.slice(at.offset, at.offset + at.length));
  if (expression === undefined) return undefined;
  const result = checkExpression(expression, policy.program.environment, types.bool);
  return result.kind === "checked" ? { expression, checked: result.checked } : undefined;
}

/** What the condition read to come to its result, in the order in which it asked; what it did not need is not named. */
export function factsBehind(policy: Policy, facts: Facts, condition: CompiledCondition): readonly ShownFact[] {
  const asked: string[] = [];
  const frame = new DecisionFrame(policy, {
    read: (attribute) => {
      asked.push(attribute);
      return facts.read(attribute);
    },
  });
  condition.evaluate(frame);
  return asked.map((attribute) => showFact(policy, facts, attribute));
}

export function showFact(policy: Policy, facts: Facts, attribute: string): ShownFact {
  const fact = facts.read(attribute);
  const declared = policy.attributes.get(attribute);
  const source = fact.kind === "absent" ? undefined : (fact.source ?? declared?.source?.name);
  return { attribute, value: formatFact(declared?.type ?? "string", fact), ...(source !== undefined && { source }) };
}
