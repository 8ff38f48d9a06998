import { type ByKind, dispatch } from "./by-kind.ts";
import type { CheckedExpression, Typed } from "./typed.ts";

/** What an expression reads, directly and through `let`s, each once, in the order of the text. */
export interface References {
  readonly attributes: readonly string[];
  readonly lets: readonly string[];
  readonly sets: readonly string[];
}

export function referencesOf(checked: CheckedExpression): References {
  const attributes = new Set<string>();
  const lets = new Set<string>();
  const sets = new Set<string>();
  const visit = (node: Typed): void => {
    if (node.kind === "attribute" || node.kind === "present") attributes.add(node.path);
    if ("setName" in node && node.setName !== undefined) sets.add(node.setName);
    if (node.kind === "let" && !lets.has(node.name)) {
      lets.add(node.name);
      visit(node.checked.tree);
    }
    for (const part of partsOf(node)) visit(part);
  };
  visit(checked.tree);
  return { attributes: [...attributes], lets: [...lets], sets: [...sets] };
}

/** The attributes alone: what must be known to be sure of the outcome. */
export function attributesOf(checked: CheckedExpression): readonly string[] {
  return referencesOf(checked).attributes;
}

const none = (): readonly Typed[] => [];
const items = (node: { readonly items: readonly Typed[] }): readonly Typed[] => node.items;
const item = (node: { readonly item: Typed }): readonly Typed[] => [node.item];
const sides = (node: { readonly left: Typed; readonly right: Typed }): readonly Typed[] => [node.left, node.right];

const PARTS: ByKind<Typed, undefined, readonly Typed[]> = {
  constant: none,
  attribute: none,
  let: none,
  local: none,
  present: none,
  and: items,
  or: items,
  call: items,
  list: items,
  not: ({ operand }) => [operand],
  conditional: ({ test, yes, no }) => [test, yes, no],
  equal: sides,
  order: sides,
  default: sides,
  map: ({ entries }) => entries.flatMap(({ key, value }) => [key, value]),
  entry: ({ target, key }) => [target, key],
  "has-key": ({ target }) => [target],
  member: (node) => [node.item, node.container],
  "value-set": item,
  "host-match": item,
  "net-match": item,
  regex: item,
  comprehension: ({ source, predicate, transform }) => [source, predicate, transform].filter((part) => part !== undefined),
};

/** The parts of a node, in the order in which they are evaluated; a `let` is a leaf. */
export function partsOf(node: Typed): readonly Typed[] {
  return dispatch(PARTS, node, undefined);
}
