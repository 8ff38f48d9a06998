import type { Span } from "./problem.ts";

export type BinaryOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in" | "=~" | "??" | "+" | "-" | "*" | "/" | "%";

/** The syntax tree of an expression, as written: nothing is resolved, every node knows its place. */
export type Expression = Span &
  (
    | { readonly kind: "bool"; readonly value: boolean }
    | { readonly kind: "int" | "double" | "duration"; readonly value: number }
    | { readonly kind: "string"; readonly value: string }
    | { readonly kind: "regex"; readonly value: string }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "select"; readonly target: Expression; readonly field: string }
    | { readonly kind: "index"; readonly target: Expression; readonly index: Expression }
    /** A function, a method (with `target`) or a macro. */
    | { readonly kind: "call"; readonly name: string; readonly target: Expression | undefined; readonly items: readonly Expression[] }
    | { readonly kind: "list"; readonly items: readonly Expression[] }
    | { readonly kind: "map"; readonly entries: readonly MapEntry[] }
    | { readonly kind: "not"; readonly operand: Expression }
    | { readonly kind: "negate"; readonly operand: Expression }
    | { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
    /** A chain of one connective is one node, however long. */
    | { readonly kind: "and" | "or"; readonly items: readonly Expression[] }
    | { readonly kind: "conditional"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  );

export interface MapEntry {
  readonly key: Expression;
  readonly value: Expression;
}

/** The dotted path that a chain of names spells, `device.os.version`; `undefined` for anything else. */
export function pathOf(expression: Expression): string | undefined {
  if (expression.kind === "name") return expression.name;
  if (expression.kind !== "select") return undefined;
  const parent = pathOf(expression.target);
  return parent === undefined ? undefined : `${parent}.${expression.field}`;
}

export type ExpressionOf<K extends Expression["kind"]> = Expression & { readonly kind: K };
export type BinaryExpression = ExpressionOf<"binary">;
export type CallExpression = ExpressionOf<"call">;
