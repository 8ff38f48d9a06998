import type { NamedSet } from "./environment.ts";
import { createHostMatcher } from "./host-matcher.ts";
import { parseHostPattern } from "./host-pattern.ts";
import { judge, type Judgement, refuse, type Scope } from "./judgement.ts";
import { createNetMatcher, parseNetPattern } from "./net-matcher.ts";
import type { Value } from "./outcome.ts";
import type { BinaryExpression, Expression, ExpressionOf } from "./syntax.ts";
import type { Typed } from "./typed.ts";
import { formatType, type TypeKind, types, unify } from "./value-type.ts";

/** Types whose values JavaScript compares as the language does, so that a `Set` finds them. */
const HASHABLE: ReadonlySet<TypeKind> = new Set<TypeKind>(["bool", "int", "string", "timestamp", "duration", "ip", "host"]);

/** `item in container`, and its negation when the operator is `not in`. */
export function checkMembership(expression: BinaryExpression, scope: Scope): Judgement | undefined {
  const judged = checkIn(expression, scope);
  if (judged === undefined || expression.operator === "in") return judged;
  const node = { kind: "not", operand: judged.node, type: types.bool, offset: expression.offset, length: expression.length } as const;
  return judge(node, { cost: judged.cost + 1 });
}

function checkIn(expression: BinaryExpression, scope: Scope): Judgement | undefined {
  const item = scope.check(expression.left, scope);
  const set = namedSet(expression.right, scope);
  if (set !== undefined) return item && checkSet(expression, item, { scope, ...set });
  const { right } = expression;
  if (item !== undefined && right.kind === "list" && isPatternType(item.node.type.kind))
    return checkPatterns(expression, item, { scope, patterns: right.items });
  const container = scope.check(right, scope);
  return item && container && checkContainer(expression, item, { scope, container });
}

function namedSet(expression: Expression, scope: Scope): { readonly name: string; readonly set: NamedSet } | undefined {
  if (expression.kind !== "name" || scope.locals.has(expression.name)) return undefined;
  const set = scope.environment.set(expression.name);
  return set && { name: expression.name, set };
}

interface InSet {
  readonly scope: Scope;
  readonly name: string;
  readonly set: NamedSet;
}

function checkSet(expression: BinaryExpression, item: Judgement, { scope, name, set }: InSet): Judgement | undefined {
  const wanted = set.kind === "hosts" ? types.host : set.kind === "nets" ? types.ip : set.type;
  const found = item.node.type;
  if (found.kind !== wanted.kind) {
    return refuse(scope, expression, ["E_TYPE", `'${name}' is a set of ${formatType(wanted)}, and this is ${formatType(found)}`]);
  }
  const place = { item: item.node, type: types.bool, offset: expression.offset, length: expression.length, setName: name };
  const cost = item.cost + 2;
  if (set.kind === "values") return judge({ kind: "value-set", values: set.values, ...place }, { cost });
  if (set.kind === "nets") return judge({ kind: "net-match", matcher: set.matcher, ...place }, { cost });
  const patterns = set.patterns === undefined ? {} : { patterns: set.patterns };
  return judge({ kind: "host-match", matcher: set.matcher, ...patterns, ...place }, { cost });
}

function isPatternType(kind: TypeKind): boolean {
  return kind === "host" || kind === "ip";
}

interface InPatterns {
  readonly scope: Scope;
  readonly patterns: readonly Expression[];
}

/** `request.host in [".corp.example"]`, `request.ip in ["10.0.0.0/8"]`: the list holds patterns, written out. */
function checkPatterns(expression: BinaryExpression, item: Judgement, { scope, patterns }: InPatterns): Judgement | undefined {
  const isHost = item.node.type.kind === "host";
  if (!patterns.every((pattern) => pattern.kind === "string")) return checkComputed(expression, item, { scope, patterns });
  const place = { item: item.node, type: types.bool, offset: expression.offset, length: expression.length };
  const cost = item.cost + 2;
  if (!isHost) {
    const networks = patterns.map((pattern) => readNetwork(pattern, scope)).filter((network) => network !== undefined);
    return networks.length < patterns.length
      ? undefined
      : judge({ kind: "net-match", matcher: createNetMatcher(networks), ...place }, { cost });
  }
  const read = patterns.map((pattern) => readPattern(pattern, scope)).filter((pattern) => pattern !== undefined);
  if (read.length < patterns.length) return undefined;
  const written = patterns.map(({ value }) => value);
  return judge({ kind: "host-match", matcher: createHostMatcher(read), patterns: written, ...place }, { cost });
}

/** A list with attributes in it: plain comparison, no patterns. */
function checkComputed(expression: BinaryExpression, item: Judgement, { scope, patterns }: InPatterns): Judgement | undefined {
  const text = patterns.find((pattern) => pattern.kind === "string");
  if (text !== undefined) {
    return refuse(scope, text, ["E_HOST_PATTERN", "patterns and computed values cannot stand in one list", "join two tests with 'or'"]);
  }
  const container = scope.check(expression.right, scope);
  return container && checkContainer(expression, item, { scope, container });
}

function readPattern(expression: ExpressionOf<"string">, scope: Scope): ReturnType<typeof toPattern> {
  const parsed = parseHostPattern(expression.value);
  if (parsed.kind === "pattern") return toPattern(parsed);
  const isNetwork = parseNetPattern(expression.value) !== undefined;
  const hint = isNetwork ? "a host is a name; networks hold for addresses: request.ip in […]" : parsed.hint;
  return refuse(scope, expression, ["E_HOST_PATTERN", parsed.message, hint]);
}

function toPattern(parsed: Extract<ReturnType<typeof parseHostPattern>, { readonly kind: "pattern" }>): typeof parsed.pattern | undefined {
  return parsed.pattern;
}

function readNetwork(expression: ExpressionOf<"string">, scope: Scope): ReturnType<typeof parseNetPattern> {
  const network = parseNetPattern(expression.value);
  if (network !== undefined) return network;
  const message = `'${expression.value}' is not a network or address`;
  return refuse(scope, expression, [
    "E_NET_PATTERN",
    message,
    "networks look like 10.0.0.0/8 or 2001:db8::/32, with no bits behind the prefix",
  ]);
}

interface InContainer {
  readonly scope: Scope;
  readonly container: Judgement;
}

function checkContainer(expression: BinaryExpression, item: Judgement, { scope, container }: InContainer): Judgement | undefined {
  const { type } = container.node;
  const found = item.node.type;
  const place = { type: types.bool, offset: expression.offset, length: expression.length };
  if (type.kind !== "list" && type.kind !== "map") {
    return refuse(scope, expression.right, [
      "E_TYPE",
      `'in' looks into a list, a map or a set, this is ${formatType(type)}`,
      adviceOn(type.kind),
    ]);
  }
  const entry = type.kind === "list" ? type.entry : type.key;
  if (unify(entry, found) === undefined) {
    const message = `a ${type.kind} of ${formatType(entry)} cannot hold ${formatType(found)}`;
    return refuse(scope, expression, ["E_TYPE", message, adviceOnItem(entry.kind, found.kind)]);
  }
  const { node } = container;
  const cost = item.cost + container.cost;
  if (node.kind === "constant" && Array.isArray(node.value) && HASHABLE.has(entry.kind)) {
    return judge({ kind: "value-set", item: item.node, values: new Set(node.value as readonly Value[]), ...place }, { cost: cost + 1 });
  }
  const steps = type.kind === "list" ? container.entries : 1;
  return judge({ kind: "member", item: item.node, container: node as Typed, ...place }, { cost: cost + steps });
}

function adviceOn(kind: TypeKind): string {
  if (kind === "string") return "for a part of a text write text.contains(part)";
  return kind === "cidr" ? "write network.containsIP(address)" : "";
}

function adviceOnItem(entry: TypeKind, found: TypeKind): string {
  return entry === "string" && isPatternType(found) ? "convert: string(x)" : "";
}
