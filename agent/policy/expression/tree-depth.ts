import type { Expression } from "./syntax.ts";

/** The parts of an expression, in the order in which they are written. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "select":
      return [expression.target];
    case "index":
      return [expression.target, expression.index];
    case "call":
      return expression.target === undefined ? expression.items : [expression.target, ...expression.items];
    case "list":
    case "and":
    case "or":
      return expression.items;
    case "map":
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case "not":
    case "negate":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "conditional":
      return [expression.test, expression.yes, expression.no];
    case "bool":
    case "int":
    case "double":
    case "duration":
    case "string":
    case "regex":
    case "name":
      return [];
  }
}

/**
 * The first part that lies deeper than `limit` levels. Without recursion: `a + b + c …` is parsed in a loop and may be
 * deeper than the call stack.
 */
export function findTooDeep(expression: Expression, limit: number): Expression | undefined {
  let level: readonly Expression[] = [expression];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > limit) return level[0];
    level = level.flatMap(childrenOf);
  }
  return undefined;
}
