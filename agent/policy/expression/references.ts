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

/** The parts of a node, in the order in which they are evaluated; a `let` is a leaf. */
export function partsOf(node: Typed): readonly Typed[] {
  switch (node.kind) {
    case "constant":
    case "attribute":
    case "let":
    case "local":
    case "present":
      return [];
    case "and":
    case "or":
    case "call":
    case "list":
      return node.items;
    case "not":
      return [node.operand];
    case "conditional":
      return [node.test, node.yes, node.no];
    case "equal":
    case "order":
    case "default":
      return [node.left, node.right];
    case "map":
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case "entry":
      return [node.target, node.key];
    case "has-key":
      return [node.target];
    case "member":
      return [node.item, node.container];
    case "value-set":
    case "host-match":
    case "net-match":
    case "regex":
      return [node.item];
    case "comprehension":
      return [node.source, node.predicate, node.transform].filter((part) => part !== undefined);
  }
}
