import type { FactValue } from "../connection/index.ts";
import type { CheckedExpression, Typed, Value } from "./expression/index.ts";

/** Values that facts would have to have. */
export type Edits = ReadonlyMap<string, FactValue>;

/** The value that a fact has now, if it is known. */
export type Current = (attribute: string) => FactValue | undefined;

/** What nobody can change about a request without making another request. */
const FIXED: ReadonlySet<string> = new Set(["request.host", "request.ip", "request.sni"]);

/**
 * Look for values that make a condition true (or false). It knows the common forms and gives up on the rest. Whoever uses the answer
 * verifies it by deciding again, so it needs to be useful, not complete.
 */
export function solveCondition(checked: CheckedExpression, want: boolean, current: Current): Edits | undefined {
  return solve(checked.tree, want, current);
}

type Solver<K extends Typed["kind"]> = (node: Typed & { readonly kind: K }, want: boolean, current: Current) => Edits | undefined;

/** The forms that it knows. */
const SOLVERS: { readonly [K in Typed["kind"]]?: Solver<K> } = {
  constant: ({ value }, want) => (value === want ? new Map() : undefined),
  attribute: ({ path }, want) => edit(path, want),
  let: ({ checked }, want, current) => solve(checked.tree, want, current),
  not: ({ operand }, want, current) => solve(operand, !want, current),
  and: ({ items }, want, current) => (want ? solveAll : solveAny)(items, want, current),
  or: ({ items }, want, current) => (want ? solveAny : solveAll)(items, want, current),
  equal: solveEqual,
  order: solveOrder,
  "value-set": ({ item, values }, want) => solveMembership(item, values, want),
  member: solveMember,
  comprehension: solveComprehension,
  default: ({ left }, want, current) => solve(left, want, current),
};

function solve(node: Typed, want: boolean, current: Current): Edits | undefined {
  // The table's type promises that the function under a kind takes the nodes of that kind.
  const solver = SOLVERS[node.kind] as Solver<Typed["kind"]> | undefined;
  return solver?.(node, want, current);
}

function edit(path: string, value: FactValue): Edits | undefined {
  return FIXED.has(path) ? undefined : new Map([[path, value]]);
}

function solveAll(items: readonly Typed[], want: boolean, current: Current): Edits | undefined {
  const solved = items.map((item) => (isAlready(item, want, current) ? new Map() : solve(item, want, current)));
  return mergeEdits(solved);
}

function solveAny(items: readonly Typed[], want: boolean, current: Current): Edits | undefined {
  if (items.some((item) => isAlready(item, want, current))) return new Map();
  const solved = items.map((item) => solve(item, want, current)).filter((edits) => edits !== undefined);
  return solved.sort((a, b) => a.size - b.size)[0];
}

/** Several edits together; `undefined` when one is missing or two contradict each other. */
export function mergeEdits(parts: readonly (Edits | undefined)[]): Edits | undefined {
  const merged = new Map<string, FactValue>();
  for (const part of parts) {
    if (part === undefined) return undefined;
    for (const [path, value] of part) {
      const before = merged.get(path);
      if (before !== undefined && JSON.stringify(before) !== JSON.stringify(value)) return undefined;
      merged.set(path, value);
    }
  }
  return merged;
}

/** A quick look at the commonest parts, the host and plain comparisons, so that they need no change. */
export function holdsAlready(node: Typed, current: Current): boolean {
  return isAlready(node, true, current);
}

function isAlready(node: Typed, want: boolean, current: Current): boolean {
  if (node.kind === "not") return isAlready(node.operand, !want, current);
  if (node.kind === "let") return isAlready(node.checked.tree, want, current);
  const holds = holdsNow(node, current);
  return holds === want;
}

function holdsNow(node: Typed, current: Current): boolean | undefined {
  if (node.kind === "attribute") return current(node.path) === undefined ? undefined : current(node.path) === true;
  if (node.kind === "equal") return equalsNow(node, current);
  if (node.kind !== "host-match" && node.kind !== "value-set") return undefined;
  const value = valueNow(node.item, current);
  if (node.kind === "value-set") return value === undefined ? undefined : node.values.has(value);
  return typeof value === "string" ? node.matcher.matches(value) : undefined;
}

function equalsNow(node: Typed & { readonly kind: "equal" }, current: Current): boolean | undefined {
  const [left, right] = [valueNow(node.left, current), valueNow(node.right, current)];
  return left === undefined || right === undefined ? undefined : (left === right) !== node.negated;
}

/** Only what can be compared by `===`. */
function valueNow(node: Typed, current: Current): boolean | number | string | undefined {
  const value = node.kind === "attribute" ? current(node.path) : node.kind === "constant" ? node.value : undefined;
  return typeof value === "object" ? undefined : value;
}

/** An attribute, also one with a default behind it. */
function attributeOf(node: Typed): string | undefined {
  if (node.kind === "default") return attributeOf(node.left);
  return node.kind === "attribute" ? node.path : undefined;
}

interface Pair {
  readonly path: string;
  readonly value: Value;
  readonly isMirrored: boolean;
}

function pairOf(left: Typed, right: Typed): Pair | undefined {
  const [leftPath, rightPath] = [attributeOf(left), attributeOf(right)];
  if (leftPath !== undefined && right.kind === "constant") return { path: leftPath, value: right.value, isMirrored: false };
  if (rightPath !== undefined && left.kind === "constant") return { path: rightPath, value: left.value, isMirrored: true };
  return undefined;
}

function solveEqual(node: Extract<Typed, { readonly kind: "equal" }>, want: boolean): Edits | undefined {
  const pair = pairOf(node.left, node.right);
  if (pair === undefined || typeof pair.value === "object") return undefined;
  return edit(pair.path, node.negated === want ? otherThan(pair.value) : pair.value);
}

function otherThan(value: boolean | number | string): FactValue {
  if (typeof value === "boolean") return !value;
  return typeof value === "number" ? value + 1 : `not-${value}`;
}

const MIRRORED = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;
const OPPOSITE = { "<": ">=", "<=": ">", ">": "<=", ">=": "<" } as const;
/** From the bound to the nearest value that satisfies the comparison. */
const STEP = { "<": -1, "<=": 0, ">": 1, ">=": 0 } as const;

function solveOrder(node: Extract<Typed, { readonly kind: "order" }>, want: boolean): Edits | undefined {
  const pair = pairOf(node.left, node.right);
  if (pair === undefined || typeof pair.value !== "number") return undefined;
  const written = pair.isMirrored ? MIRRORED[node.operator] : node.operator;
  return edit(pair.path, pair.value + STEP[want ? written : OPPOSITE[written]]);
}

function solveMembership(item: Typed, values: Iterable<Value>, want: boolean): Edits | undefined {
  const path = attributeOf(item);
  if (path === undefined) return undefined;
  const all = [...values];
  const [first] = all;
  if (first === undefined || typeof first === "object") return undefined;
  if (want) return edit(path, first);
  const other = typeof first === "number" ? Math.max(...all.filter((value) => typeof value === "number")) + 1 : otherThan(first);
  return edit(path, other);
}

function solveMember(node: Extract<Typed, { readonly kind: "member" }>, want: boolean, current: Current): Edits | undefined {
  const { item, container } = node;
  if (container.kind === "constant" && Array.isArray(container.value)) {
    return solveMembership(item, container.value as readonly Value[], want);
  }
  const path = attributeOf(container);
  if (path === undefined || item.kind !== "constant" || typeof item.value === "object") return undefined;
  const entries = listNow(path, current).filter((entry) => entry !== item.value);
  return edit(path, want ? [...entries, item.value] : entries);
}

function listNow(path: string, current: Current): readonly FactValue[] {
  const value = current(path);
  return Array.isArray(value) ? (value as readonly FactValue[]) : [];
}

/** `list.exists(x, …)`: add an entry that the predicate names; `exists` is false and `all` is true of an empty list. */
function solveComprehension(node: Extract<Typed, { readonly kind: "comprehension" }>, want: boolean, current: Current): Edits | undefined {
  const path = attributeOf(node.source);
  if (path === undefined) return undefined;
  if (node.macro === "exists" && want) {
    const named = node.predicate === undefined ? undefined : namedValue(node.predicate);
    return named === undefined ? undefined : edit(path, [...listNow(path, current), named]);
  }
  const isEmptyEnough = (node.macro === "exists" && !want) || (node.macro === "all" && want);
  return isEmptyEnough ? edit(path, []) : undefined;
}

function namedValue(predicate: Typed): FactValue | undefined {
  if (predicate.kind === "value-set") return plain([...predicate.values][0]);
  if (predicate.kind === "equal" && predicate.right.kind === "constant") return plain(predicate.right.value);
  if (predicate.kind === "member" && predicate.container.kind === "constant" && Array.isArray(predicate.container.value)) {
    return plain((predicate.container.value as readonly Value[])[0]);
  }
  return undefined;
}

function plain(value: Value | undefined): FactValue | undefined {
  return typeof value === "object" ? undefined : value;
}
