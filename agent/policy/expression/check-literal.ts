import { checkAll, judge, type Judgement, refuse, type Scope, totalCost } from "./judgement.ts";
import type { Value } from "./outcome.ts";
import type { Expression, ExpressionOf } from "./syntax.ts";
import type { Typed } from "./typed.ts";
import { formatType, listOf, mapOf, type Type, types, unify } from "./value-type.ts";

type Plain = Expression & { readonly kind: "bool" | "int" | "double" | "duration" | "string" };

export function checkPlain({ kind, value, offset, length }: Plain): Judgement {
  return judge({ kind: "constant", value, type: types[kind], offset, length }, { cost: 0 });
}

/** `[1, 2]`: entries of one type. A list of constants is a constant. */
export function checkList(expression: ExpressionOf<"list">, scope: Scope): Judgement | undefined {
  const items = checkAll(expression.items, scope);
  const entry = items && commonType(items, expression, scope);
  if (items === undefined || entry === undefined) return undefined;
  const nodes = items.map(({ node }) => node);
  const values = constantsOf(nodes);
  const place = { type: listOf(entry), offset: expression.offset, length: expression.length };
  const node: Typed = values === undefined ? { kind: "list", items: nodes, ...place } : { kind: "constant", value: values, ...place };
  return judge(node, { cost: values === undefined ? 1 + totalCost(items) : 0, entries: nodes.length });
}

/** `{"a": 1}`: keys of one type, values of one type, no key twice. */
export function checkMap(expression: ExpressionOf<"map">, scope: Scope): Judgement | undefined {
  const keys = checkAll(
    expression.entries.map(({ key }) => key),
    scope,
  );
  const values = checkAll(
    expression.entries.map(({ value }) => value),
    scope,
  );
  const key = keys && commonType(keys, expression, scope);
  const value = values && commonType(values, expression, scope);
  if (keys === undefined || values === undefined || key === undefined || value === undefined) return undefined;
  if (key.kind !== "string" && key.kind !== "int" && key.kind !== "bool" && key.kind !== "nothing") {
    return refuse(scope, expression, ["E_TYPE", `the keys of a map are string, int or bool, these are ${formatType(key)}`]);
  }
  if (hasTwins(keys, scope)) return undefined;
  const place = { type: mapOf(key, value), offset: expression.offset, length: expression.length };
  const entries = keys.flatMap(({ node }, at) => {
    const other = values[at]?.node;
    return other === undefined ? [] : [{ key: node, value: other }];
  });
  const constantKeys = constantsOf(keys.map(({ node }) => node));
  const constantValues = constantsOf(values.map(({ node }) => node));
  if (constantKeys === undefined || constantValues === undefined) {
    return judge({ kind: "map", entries, ...place }, { cost: 1 + totalCost(keys) + totalCost(values), entries: entries.length });
  }
  const map = new Map(constantKeys.map((one, at) => [one, constantValues[at] ?? false]));
  return judge({ kind: "constant", value: map, ...place }, { cost: 0, entries: entries.length });
}

function commonType(items: readonly Judgement[], expression: Expression, scope: Scope): Type | undefined {
  let common: Type = types.nothing;
  for (const { node } of items) {
    const both = unify(common, node.type);
    if (both === undefined) {
      return refuse(scope, node, [
        "E_TYPE",
        `all entries of a ${expression.kind} have one type; this is ${formatType(node.type)} among ${formatType(common)}`,
      ]);
    }
    common = both;
  }
  return common;
}

function constantsOf(nodes: readonly Typed[]): readonly Value[] | undefined {
  const values = nodes.flatMap((node) => (node.kind === "constant" ? [node.value] : []));
  return values.length === nodes.length ? values : undefined;
}

function hasTwins(keys: readonly Judgement[], scope: Scope): boolean {
  const seen = new Set<Value>();
  for (const { node } of keys) {
    if (node.kind !== "constant") continue;
    if (seen.has(node.value)) {
      refuse(scope, node, ["E_LITERAL", "this key occurs twice"]);
      return true;
    }
    seen.add(node.value);
  }
  return false;
}
