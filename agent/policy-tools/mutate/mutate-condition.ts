import { type Expression, formatDurationLiteral, formatExpression } from "../../policy/index.ts";
import type { Mutation } from "./mutation.ts";

/** Every small mistake that somebody could have made while writing a condition. */
export function mutateCondition(condition: Expression): readonly Mutation[] {
  return [turn(condition, `not (${formatExpression(condition)})`), ...mutateParts(condition)];
}

type Table = { readonly [K in Expression["kind"]]: (node: Expression & { readonly kind: K }) => readonly Mutation[] };

const nothing = (): readonly Mutation[] => [];

const MUTATIONS: Table = {
  and: (node) => [...mutateChain(node), ...node.items.flatMap(mutateParts)],
  or: (node) => [...mutateChain(node), ...node.items.flatMap(mutateParts)],
  binary: (node) => [...mutateOperator(node), ...mutateParts(node.left), ...mutateParts(node.right)],
  int: (node) => [turn(node, String(node.value + 1)), turn(node, String(node.value - 1))],
  duration: (node) => [turn(node, formatDurationLiteral(node.value + 1)), turn(node, formatDurationLiteral(node.value - 1))],
  bool: (node) => [turn(node, String(!node.value))],
  not: (node) => [turn(node, `(${formatExpression(node.operand)})`), ...mutateParts(node.operand)],
  list: (node) => [...dropItems(node), ...node.items.flatMap(mutateParts)],
  call: (node) => [node.target, ...node.items].flatMap((part) => (part === undefined ? [] : mutateParts(part))),
  conditional: (node) => [node.test, node.yes, node.no].flatMap(mutateParts),
  negate: (node) => mutateParts(node.operand),
  double: nothing,
  string: nothing,
  regex: nothing,
  name: nothing,
  select: nothing,
  index: nothing,
  map: nothing,
};

function mutateParts(node: Expression): readonly Mutation[] {
  // The table's type promises that the function under a kind takes the nodes of that kind.
  return (MUTATIONS[node.kind] as (node: Expression) => readonly Mutation[])(node);
}

function turn(node: Expression, replacement: string): Mutation {
  return { offset: node.offset, length: node.length, replacement, says: `${shorten(formatExpression(node))} -> ${shorten(replacement)}` };
}

function shorten(text: string): string {
  return text.length > 70 ? `${text.slice(0, 69)}…` : text;
}

/** The other connective, and each part left out. */
function mutateChain(node: Extract<Expression, { readonly kind: "and" | "or" }>): readonly Mutation[] {
  const other = turn(node, `(${formatExpression({ ...node, kind: node.kind === "and" ? "or" : "and" })})`);
  const without = node.items.map((item, index) => {
    const rest = node.items.filter((_, at) => at !== index);
    const [only] = rest;
    const left: Expression = rest.length === 1 && only !== undefined ? only : { ...node, items: rest };
    return { ...turn(node, `(${formatExpression(left)})`), says: `without '${shorten(formatExpression(item))}'` };
  });
  return [other, ...without];
}

type Operator = Extract<Expression, { readonly kind: "binary" }>["operator"];

/** The operator that people mistake for it. */
const MISTAKEN: Partial<Record<Operator, Operator>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "==": "!=",
  "!=": "==",
  in: "not in",
  "not in": "in",
};

function mutateOperator(node: Extract<Expression, { readonly kind: "binary" }>): readonly Mutation[] {
  const operator = MISTAKEN[node.operator];
  return operator === undefined ? [] : [turn(node, `(${formatExpression({ ...node, operator })})`)];
}

function dropItems(node: Extract<Expression, { readonly kind: "list" }>): readonly Mutation[] {
  if (node.items.length < 2) return [];
  return node.items.map((item, index) => ({
    ...turn(node, formatExpression({ ...node, items: node.items.filter((_, at) => at !== index) })),
    says: `without ${shorten(formatExpression(item))}`,
  }));
}
