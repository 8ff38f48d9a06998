import { type ByKind, dispatch } from "./by-kind.ts";
import type { Expression } from "./syntax.ts";

const none = (): readonly Expression[] => [];
const items = (expression: { readonly items: readonly Expression[] }): readonly Expression[] => expression.items;

const PARTS: ByKind<Expression, undefined, readonly Expression[]> = {
  bool: none,
  int: none,
  double: none,
  duration: none,
  string: none,
  regex: none,
  name: none,
  select: ({ target }) => [target],
  index: ({ target, index }) => [target, index],
  call: ({ target, items: list }) => (target === undefined ? list : [target, ...list]),
  list: items,
  map: ({ entries }) => entries.flatMap(({ key, value }) => [key, value]),
  not: ({ operand }) => [operand],
  negate: ({ operand }) => [operand],
  binary: ({ left, right }) => [left, right],
  and: items,
  or: items,
  conditional: ({ test, yes, no }) => [test, yes, no],
};

/** The parts of an expression, in the order in which they are written. */
export function childrenOf(expression: Expression): readonly Expression[] {
  return dispatch(PARTS, expression, undefined);
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
