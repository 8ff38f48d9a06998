import { didYouMean } from "./did-you-mean.ts";
import { judge, type Judgement, refuse, type Scope } from "./judgement.ts";
import { limits } from "./limits.ts";
import type { Span } from "./problem.ts";
import { type Expression, type ExpressionOf, pathOf } from "./syntax.ts";
import type { Typed } from "./typed.ts";
import { formatType, type Type, types } from "./value-type.ts";

type Named = Expression & { readonly kind: "name" | "select" };

/** A variable, attribute or `let`, or a field of what stands before the dot. */
export function checkName(expression: Named, scope: Scope): Judgement | undefined {
  if (expression.kind === "name" && scope.locals.has(expression.name)) return checkLocal(expression, scope);
  const path = startsWithLocal(expression, scope) ? undefined : pathOf(expression);
  const declared = path === undefined ? undefined : checkAttribute(path, expression, scope);
  if (declared !== undefined) return declared === "refused" ? undefined : declared;
  if (expression.kind === "name") return checkLet(expression, scope);
  if (path !== undefined && !reachesSomething(expression.target, scope)) return refusePath(path, expression, scope);
  const target = scope.check(expression.target, scope);
  return target && checkField(expression, target, scope);
}

/** The attribute at the root of a path such as `request.headers.accept`, with its own part of the text. */
export function rootAttribute(expression: Expression, scope: Scope): string | undefined {
  if (startsWithLocal(expression, scope)) return undefined;
  const path = pathOf(expression);
  if (path !== undefined && scope.environment.attribute(path) !== undefined) return path;
  if (expression.kind === "select" || expression.kind === "index") return rootAttribute(expression.target, scope);
  return undefined;
}

/** `map.field`; also for `has(map.field)`, which wants the parts. */
export function checkField(expression: Named & { readonly kind: "select" }, target: Judgement, scope: Scope): Judgement | undefined {
  const { type } = target.node;
  if (type.kind !== "map" || (type.key.kind !== "string" && type.key.kind !== "nothing")) {
    return refuse(scope, expression, ["E_TYPE", `${formatType(type)} has no field '${expression.field}'`]);
  }
  const key: Typed = {
    kind: "constant",
    value: expression.field,
    type: types.string,
    offset: expression.offset,
    length: expression.length,
  };
  return judge(entryNode(expression, { target: target.node, key, type: type.value }), {
    cost: target.cost + 1,
    entries: entriesOf(type.value),
  });
}

/** `list[0]` and `map["key"]`. */
export function checkIndex(expression: ExpressionOf<"index">, scope: Scope): Judgement | undefined {
  const target = scope.check(expression.target, scope);
  const index = scope.check(expression.index, scope);
  if (target === undefined || index === undefined) return undefined;
  const { type } = target.node;
  if (type.kind !== "list" && type.kind !== "map") return refuse(scope, expression, ["E_TYPE", `${formatType(type)} has no entries`]);
  const wanted = type.kind === "list" ? types.int : type.key;
  if (index.node.type.kind !== wanted.kind && wanted.kind !== "nothing") {
    return refuse(scope, expression.index, [
      "E_TYPE",
      `an entry is found by ${formatType(wanted)}, this is ${formatType(index.node.type)}`,
    ]);
  }
  const result = type.kind === "list" ? type.entry : type.value;
  const node = entryNode(expression, { target: target.node, key: index.node, type: result });
  return judge(node, { cost: target.cost + index.cost + 1, entries: entriesOf(result) });
}

export function entriesOf(type: Type): number {
  return type.kind === "list" || type.kind === "map" ? limits.assumedEntries : 1;
}

function entryNode(span: Span, parts: { readonly target: Typed; readonly key: Typed; readonly type: Type }): Typed {
  return { kind: "entry", ...parts, offset: span.offset, length: span.length };
}

function checkLocal({ name, offset, length }: Named & { readonly kind: "name" }, scope: Scope): Judgement | undefined {
  const local = scope.locals.get(name);
  if (local === undefined) return undefined;
  return judge({ kind: "local", name, index: local.index, type: local.type, offset, length }, { cost: 1, entries: entriesOf(local.type) });
}

function startsWithLocal(expression: Expression, scope: Scope): boolean {
  if (expression.kind === "name") return scope.locals.has(expression.name);
  return expression.kind === "select" && startsWithLocal(expression.target, scope);
}

/** Whether a shorter part of the path names something, so that the rest are fields of it. */
function reachesSomething(target: Expression, scope: Scope): boolean {
  const path = pathOf(target);
  if (path === undefined) return true;
  if (target.kind === "name") return scope.environment.attribute(path) !== undefined || scope.environment.letNamed(path) !== undefined;
  return scope.environment.attribute(path) !== undefined || (target.kind === "select" && reachesSomething(target.target, scope));
}

function checkAttribute(path: string, span: Span, scope: Scope): Judgement | "refused" | undefined {
  const declaration = scope.environment.attribute(path);
  if (declaration === undefined) return undefined;
  const { type, optional } = declaration;
  if (optional && !scope.guarded.has(path)) {
    const hint = `write 'has(${path}) and …', or give a default: '${path} ?? …'`;
    refuse(scope, span, ["E_OPTIONAL_UNGUARDED", `'${path}' may be absent`, hint]);
    return "refused";
  }
  return judge(
    { kind: "attribute", path, optional, type, offset: span.offset, length: span.length },
    { cost: 1, entries: entriesOf(type) },
  );
}

function checkLet({ name, offset, length }: Named & { readonly kind: "name" }, scope: Scope): Judgement | undefined {
  const checked = scope.environment.letNamed(name);
  if (checked === undefined) return refusePath(name, { offset, length }, scope);
  scope.lets.add(checked);
  return judge({ kind: "let", name, checked, type: checked.type, offset, length }, { cost: 1, entries: checked.entries });
}

function refusePath(path: string, span: Span, scope: Scope): undefined {
  const { environment, locals } = scope;
  if (environment.set(path) !== undefined) {
    return refuse(scope, span, ["E_TYPE", `'${path}' is a set`, `a set stands behind 'in': x in ${path}`]);
  }
  const names = [...locals.keys(), ...environment.names()];
  const inside = names.filter((name) => name.startsWith(`${path}.`)).slice(0, 3);
  const hint = inside.length > 0 ? `it is a group: ${inside.join(", ")}${inside.length === 3 ? " …" : ""}` : didYouMean(path, names);
  return refuse(scope, span, ["E_UNKNOWN_ATTR", `unknown attribute '${path}'`, hint]);
}
