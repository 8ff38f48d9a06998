import { checkCondition, judge, type Judgement, NEGATED, refuse, type Scope, totalCost } from "./judgement.ts";
import type { Expression, ExpressionOf } from "./syntax.ts";
import { coerceTogether } from "./coerce-literal.ts";
import { formatType, types } from "./value-type.ts";

type Logic = Expression & { readonly kind: "and" | "or" };

/**
 * A chain of `and` or `or`. What one part makes sure is known to the next: after `has(x) and`, x is there; after
 * `not has(x) or`, too.
 */
export function checkLogic(expression: Logic, scope: Scope): Judgement | undefined {
  const isAnd = expression.kind === "and";
  const judged: Judgement[] = [];
  let guarded = scope.guarded;
  for (const item of expression.items) {
    const one = checkCondition(item, { ...scope, guarded }, `each side of '${expression.kind}'`);
    if (one === undefined) continue;
    judged.push(one);
    guarded = guarded.union(isAnd ? one.whenTrue : one.whenFalse);
  }
  if (judged.length < expression.items.length) return undefined;
  const node = {
    kind: expression.kind,
    items: judged.map((one) => one.node),
    type: types.bool,
    offset: expression.offset,
    length: expression.length,
  };
  const all = judged.map((one) => (isAnd ? one.whenTrue : one.whenFalse)).reduce((sum, set) => sum.union(set));
  const common = judged.map((one) => (isAnd ? one.whenFalse : one.whenTrue)).reduce((sum, set) => sum.intersection(set));
  return judge(node, { cost: 1 + totalCost(judged), whenTrue: isAnd ? all : common, whenFalse: isAnd ? common : all });
}

export function checkNot(expression: ExpressionOf<"not">, scope: Scope): Judgement | undefined {
  const operand = checkCondition(expression.operand, scope, NEGATED);
  if (operand === undefined) return undefined;
  const node = { kind: "not", operand: operand.node, type: types.bool, offset: expression.offset, length: expression.length } as const;
  return judge(node, { cost: operand.cost + 1, whenTrue: operand.whenFalse, whenFalse: operand.whenTrue });
}

export function checkConditional(expression: ExpressionOf<"conditional">, scope: Scope): Judgement | undefined {
  const test = checkCondition(expression.test, scope, "what stands before '?'");
  const yes = scope.check(expression.yes, { ...scope, guarded: scope.guarded.union(test?.whenTrue ?? scope.guarded) });
  const no = scope.check(expression.no, { ...scope, guarded: scope.guarded.union(test?.whenFalse ?? scope.guarded) });
  if (test === undefined || yes === undefined || no === undefined) return undefined;
  const pair = coerceTogether(yes, no, scope);
  if (pair === "refused") return undefined;
  if (pair === undefined) {
    const message = `both branches of '?' must have one type, these are ${formatType(yes.node.type)} and ${formatType(no.node.type)}`;
    return refuse(scope, expression, ["E_TYPE", message]);
  }
  const [left, right] = pair.nodes;
  const node = {
    kind: "conditional",
    test: test.node,
    yes: left,
    no: right,
    type: pair.type,
    offset: expression.offset,
    length: expression.length,
  } as const;
  return judge(node, {
    cost: 1 + test.cost + Math.max(yes.cost, no.cost),
    entries: Math.max(yes.entries, no.entries),
    whenTrue: test.whenTrue.union(yes.whenTrue).intersection(test.whenFalse.union(no.whenTrue)),
    whenFalse: test.whenTrue.union(yes.whenFalse).intersection(test.whenFalse.union(no.whenFalse)),
  });
}
