import { arithmetic, checkedList } from "./arithmetic.ts";
import { coerceTogether } from "./coerce-literal.ts";
import { callNode } from "./check-call.ts";
import { accepts } from "./function-definition.ts";
import { checkAll, judge, type Judgement, refuse, type Scope, totalCost } from "./judgement.ts";
import type { Value } from "./outcome.ts";
import type { BinaryExpression, BinaryOperator, ExpressionOf } from "./syntax.ts";
import type { Ordering, Overload } from "./typed.ts";
import { formatType, type Type, type TypeKind, types, unify } from "./value-type.ts";

const ORDERED: ReadonlySet<TypeKind> = new Set<TypeKind>([
  "bool",
  "int",
  "double",
  "string",
  "timestamp",
  "duration",
  "version",
  "nothing",
]);

/** `==` and `!=`. */
export function checkEquality(expression: BinaryExpression, scope: Scope): Judgement | undefined {
  const sides = checkAll([expression.left, expression.right], scope);
  const [left, right] = sides ?? [];
  if (left === undefined || right === undefined) return undefined;
  const pair = coerceTogether(left, right, scope);
  if (pair === "refused") return undefined;
  if (pair === undefined) return refuseTypes(expression, [left.node.type, right.node.type], scope);
  const [one, other] = pair.nodes;
  const negated = expression.operator === "!=";
  const node = {
    kind: "equal",
    negated,
    left: one,
    right: other,
    type: types.bool,
    offset: expression.offset,
    length: expression.length,
  } as const;
  return judge(node, { cost: left.cost + right.cost + Math.min(left.entries, right.entries) });
}

export function checkOrder(expression: BinaryExpression, scope: Scope): Judgement | undefined {
  const sides = checkAll([expression.left, expression.right], scope);
  const [left, right] = sides ?? [];
  if (left === undefined || right === undefined) return undefined;
  const pair = coerceTogether(left, right, scope);
  if (pair === "refused") return undefined;
  if (pair === undefined || !ORDERED.has(pair.type.kind)) return refuseTypes(expression, [left.node.type, right.node.type], scope);
  const [one, other] = pair.nodes;
  const node = {
    kind: "order",
    operator: expression.operator as Ordering,
    left: one,
    right: other,
    type: types.bool,
    offset: expression.offset,
    length: expression.length,
  } as const;
  return judge(node, { cost: left.cost + right.cost + 1 });
}

export function checkArithmetic(expression: BinaryExpression, scope: Scope): Judgement | undefined {
  const sides = checkAll([expression.left, expression.right], scope);
  const [left, right] = sides ?? [];
  if (sides === undefined || left === undefined || right === undefined) return undefined;
  const found = [left.node.type, right.node.type];
  const joined = expression.operator === "+" ? listJoin(left.node.type, right.node.type) : undefined;
  if (joined !== undefined) {
    const entries = left.entries + right.entries;
    return judge(callNode(expression, joined, sides), { cost: totalCost(sides) + entries, entries });
  }
  const definition = arithmetic.find(({ name, parameters }) => {
    return (
      name === expression.operator &&
      parameters.length === 2 &&
      parameters.every((parameter, place) => accepts(parameter, found[place] ?? types.nothing))
    );
  });
  if (definition === undefined) return refuseTypes(expression, found, scope);
  return judge(callNode(expression, definition, sides), { cost: totalCost(sides) + definition.cost });
}

export function checkNegation(expression: ExpressionOf<"negate">, scope: Scope): Judgement | undefined {
  const operand = scope.check(expression.operand, scope);
  if (operand === undefined) return undefined;
  const { type } = operand.node;
  const definition = arithmetic.find(
    ({ name, parameters }) => name === "-" && parameters.length === 1 && parameters.every((one) => accepts(one, type)),
  );
  if (definition === undefined) return refuse(scope, expression, ["E_TYPE", `'-' does not go with ${formatType(type)}`]);
  return judge(callNode(expression, definition, [operand]), { cost: operand.cost + 1 });
}

function listJoin(left: Type, right: Type): Overload | undefined {
  const result = left.kind === "list" && right.kind === "list" ? unify(left, right) : undefined;
  if (result === undefined) return undefined;
  return {
    name: "+",
    result,
    run: (one, other) =>
      Array.isArray(one) && Array.isArray(other) ? checkedList([...(one as readonly Value[]), ...(other as readonly Value[])]) : [],
  };
}

function refuseTypes(
  expression: BinaryExpression,
  [left = types.nothing, right = types.nothing]: readonly Type[],
  scope: Scope,
): undefined {
  const message = `'${expression.operator}' does not go with ${formatType(left)} and ${formatType(right)}`;
  return refuse(scope, expression, ["E_TYPE", message, adviceOn(expression.operator, left, right)]);
}

function adviceOn(operator: BinaryOperator, left: Type, right: Type): string {
  const kinds = new Set([left.kind, right.kind]);
  if (kinds.has("int") && kinds.has("double")) return "convert one side: double(x) or int(x)";
  if (kinds.has("duration") && kinds.has("int")) return "write a duration with its unit: 15m, 8h, 14d";
  if (kinds.has("string")) {
    const [other] = [...kinds].filter((kind) => kind !== "string");
    if (other === "timestamp") return 'write timestamp("2026-01-31T00:00:00Z")';
    if (other === "host" || other === "ip" || other === "version") return `convert the text: ${other}(x)`;
  }
  return operator === "==" && kinds.has("list") ? "is 'in' meant?" : "";
}
