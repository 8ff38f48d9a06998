/**
 * An independent reading of section 2 of the language for total facts: one list of rules from top to bottom, no index, no unknowns, no
 * shared code with the engine but the syntax tree. Conditions are read by a few lines of their own.
 */
import type { Outcome } from "../connection/index.ts";
import type { Expression } from "./expression/index.ts";
import { parsePolicy } from "./parse-policy.ts";
import type { ActionNode, Item } from "./tree.ts";

export type Total = Readonly<Record<string, boolean | number | string | readonly string[]>>;

const ORDER: readonly Outcome[] = ["deny", "redirect", "challenge", "step_up", "allow"];
const strictest = (outcomes: readonly Outcome[]): Outcome => ORDER.find((outcome) => outcomes.includes(outcome)) ?? "allow";
const outcomeOf = (action: ActionNode): Outcome => (action.kind === "rewrite" ? "allow" : action.kind);

export function readLinearly(text: string, facts: Total): { readonly outcome: Outcome; readonly backends: readonly string[] } {
  const { items } = parsePolicy(text).tree;
  const outcome = strictest([...guardOutcomes(items, facts), policyOutcome(items, facts)]);
  return { outcome, backends: outcome === "allow" ? backendsOf(items, facts) : [] };
}

function guardOutcomes(items: readonly Item[], facts: Total): Outcome[] {
  return items.flatMap((item) => (item.kind === "guard" && holds(item.when, facts) ? [outcomeOf(item.action)] : []));
}

function policyOutcome(items: readonly Item[], facts: Total): Outcome {
  for (const item of items) {
    if (item.kind !== "policy" || (item.when !== undefined && !holds(item.when, facts))) continue;
    const failed = item.requires.filter((require) => !holds(require.condition, facts)).map((require) => require.otherwise);
    if (failed.some((otherwise) => otherwise.kind === "next")) continue;
    const outcomes = failed.flatMap((otherwise) => (otherwise.kind === "next" ? [] : [outcomeOf(otherwise)]));
    return outcomes.length === 0 ? outcomeOf(item.action) : strictest(outcomes);
  }
  return "deny";
}

function backendsOf(items: readonly Item[], facts: Total): string[] {
  const used = items.flatMap((item) => (item.kind === "route" && (item.when === undefined || holds(item.when, facts)) ? item.use : []));
  return [...new Set(used.map((word) => word.text))];
}

function holds(expression: Expression, facts: Total): boolean {
  return valueOf(expression, facts) === true;
}

type Reader<K extends Expression["kind"]> = (node: Expression & { readonly kind: K }, facts: Total) => unknown;

const readValue = ({ value }: { readonly value: unknown }): unknown => value;
const readPath = (node: Expression, facts: Total): unknown => facts[pathText(node)];

/** The forms of expression that the random policies use. */
const READERS: { readonly [K in Expression["kind"]]?: Reader<K> } = {
  bool: readValue,
  int: readValue,
  string: readValue,
  duration: readValue,
  list: ({ items }, facts) => items.map((item) => valueOf(item, facts)),
  name: readPath,
  select: readPath,
  not: ({ operand }, facts) => valueOf(operand, facts) !== true,
  and: ({ items }, facts) => items.every((item) => holds(item, facts)),
  or: ({ items }, facts) => items.some((item) => holds(item, facts)),
  binary: compare,
};

function valueOf(expression: Expression, facts: Total): unknown {
  const read = READERS[expression.kind] as Reader<Expression["kind"]> | undefined;
  if (read === undefined) throw new Error(`the linear reader does not know ${expression.kind}`);
  return read(expression, facts);
}

function pathText(expression: Expression): string {
  if (expression.kind === "select") return `${pathText(expression.target)}.${expression.field}`;
  return expression.kind === "name" ? expression.name : "";
}

function compare(expression: Extract<Expression, { readonly kind: "binary" }>, facts: Total): boolean {
  const left = valueOf(expression.left, facts);
  const right = valueOf(expression.right, facts);
  if (expression.operator === "==") return left === right;
  if (expression.operator === "<=") return Number(left) <= Number(right);
  if (expression.operator === ">=") return Number(left) >= Number(right);
  if (expression.operator === "in") return isIn(expression.left, left, right as readonly unknown[]);
  throw new Error(`the linear reader does not know ${expression.operator}`);
}

function isIn(item: Expression, value: unknown, list: readonly unknown[]): boolean {
  const isHost = (item.kind === "select" || item.kind === "name") && pathText(item) === "request.host";
  return isHost ? list.some((pattern) => hostMatches(String(value), String(pattern))) : list.includes(value);
}

/** The four forms of host pattern, by regular expressions of their own. */
function hostMatches(host: string, pattern: string): boolean {
  const quoted = pattern.replace(/^(\*\*\.|\*\.|\.)/, "").replaceAll(".", "\\.");
  if (pattern.startsWith("**.")) return new RegExp(`^.+\\.${quoted}$`).test(host);
  if (pattern.startsWith("*.")) return new RegExp(`^[^.]+\\.${quoted}$`).test(host);
  return new RegExp(pattern.startsWith(".") ? `^(.+\\.)?${quoted}$` : `^${quoted}$`).test(host);
}
