import { checkName, rootAttribute } from "./check-name.ts";
import { coerceTogether } from "./coerce-literal.ts";
import { judge, type Judgement, refuse, type Scope } from "./judgement.ts";
import type { BinaryExpression, CallExpression } from "./syntax.ts";
import { formatType, types } from "./value-type.ts";

const NOT_FOR_UNKNOWN = "a value that could not be found out is unknown, not absent; an attribute's `fallback` is for that";

/** `has(attribute)` and `has(map.key)`. */
export function checkHas(call: CallExpression, scope: Scope): Judgement | undefined {
  const [subject] = call.items;
  if (subject === undefined || call.items.length !== 1 || (subject.kind !== "select" && subject.kind !== "name")) {
    return refuse(scope, call, [
      "E_SYNTAX",
      "has() asks for one attribute or one field of a map",
      "write has(request.sni) or has(request.headers.accept)",
    ]);
  }
  const root = rootAttribute(subject, scope);
  const inside = root === undefined ? scope : { ...scope, guarded: scope.guarded.union(new Set([root])) };
  const judged = checkName(subject, inside);
  if (judged === undefined) return undefined;
  const whenTrue = new Set(root === undefined ? [] : [root]);
  const place = { type: types.bool, offset: call.offset, length: call.length };
  const { node } = judged;
  if (node.kind === "attribute") {
    if (!node.optional) return refuse(scope, call, ["E_NEVER_ABSENT", `'${node.path}' is never absent`, NOT_FOR_UNKNOWN]);
    return judge({ kind: "present", path: node.path, ...place }, { cost: 1, whenTrue });
  }
  if (node.kind !== "entry" || node.key.kind !== "constant" || typeof node.key.value !== "string") {
    return refuse(scope, call, [
      "E_TYPE",
      `has() cannot ask for ${formatType(node.type)}`,
      "it asks for an optional attribute or a field of a map",
    ]);
  }
  return judge({ kind: "has-key", target: node.target, key: node.key.value, ...place }, { cost: judged.cost, whenTrue });
}

/** `left ?? right`: the right side when the left is absent. It says nothing about unknowns, which stay unknown. */
export function checkDefault(expression: BinaryExpression, scope: Scope): Judgement | undefined {
  const root = rootAttribute(expression.left, scope);
  const inside = root === undefined ? scope : { ...scope, guarded: scope.guarded.union(new Set([root])) };
  const left = scope.check(expression.left, inside);
  const right = scope.check(expression.right, scope);
  if (left === undefined || right === undefined) return undefined;
  const canBeAbsent = left.node.kind === "entry" || (left.node.kind === "attribute" && left.node.optional);
  if (!canBeAbsent) return refuse(scope, expression.left, ["E_NEVER_ABSENT", "what stands before '??' is never absent", NOT_FOR_UNKNOWN]);
  const pair = coerceTogether(left, right, scope);
  if (pair === "refused") return undefined;
  if (pair === undefined) {
    const message = `both sides of '??' must have one type, these are ${formatType(left.node.type)} and ${formatType(right.node.type)}`;
    return refuse(scope, expression, ["E_TYPE", message]);
  }
  const [one, other] = pair.nodes;
  const node = { kind: "default", left: one, right: other, type: pair.type, offset: expression.offset, length: expression.length } as const;
  return judge(node, { cost: left.cost + right.cost + 1, entries: Math.max(left.entries, right.entries) });
}
