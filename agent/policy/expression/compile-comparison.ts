import { compareTexts } from "./code-points.ts";
import { troubleOf } from "./compile-call.ts";
import type { Compiling, NodeOf } from "./compiling.ts";
import { equalityOf } from "./equality.ts";
import type { Evaluate } from "./evaluate.ts";
import { isTrouble, type Outcome, type Value } from "./outcome.ts";
import type { Ordering, Typed } from "./typed.ts";
import type { TypeKind } from "./value-type.ts";
import { compareVersions } from "./version.ts";

const BY_IDENTITY: ReadonlySet<TypeKind> = new Set<TypeKind>(["bool", "int", "double", "string", "timestamp", "duration", "ip", "host"]);

export function compileEqual(node: NodeOf<"equal">, compiling: Compiling): Evaluate {
  const left = compiling.compile(node.left);
  const wanted = !node.negated;
  const constant = plainConstant(node.right);
  if (constant !== undefined) {
    return (frame) => {
      const value = left(frame);
      if (value === constant) return wanted;
      return typeof value === "object" ? value : !wanted;
    };
  }
  const right = compiling.compile(node.right);
  const equal = equalityOf(node.left.type.kind === "nothing" ? node.right.type : node.left.type);
  return (frame) => {
    const one = left(frame);
    const other = right(frame);
    return isTrouble(one) || isTrouble(other) ? troubleOf(one, other) : equal(one, other) === wanted;
  };
}

/** A constant of a type that `===` compares; beside it, an object can only be trouble. */
function plainConstant(node: Typed): Value | undefined {
  return node.kind === "constant" && BY_IDENTITY.has(node.type.kind) ? node.value : undefined;
}

export function compileOrder(node: NodeOf<"order">, compiling: Compiling): Evaluate {
  const left = compiling.compile(node.left);
  const { operator, right } = node;
  if (right.kind === "constant" && typeof right.value === "number") return orderBeside(operator, left, right.value);
  const compiled = compiling.compile(right);
  const test = testOf(operator, comparisonOf(node.left.type.kind));
  return (frame) => {
    const one = left(frame);
    const other = compiled(frame);
    return isTrouble(one) || isTrouble(other) ? troubleOf(one, other) : test(one, other);
  };
}

/** The common case, `device.patch_age <= 14d`, without an indirection. */
function orderBeside(operator: Ordering, left: Evaluate, bound: number): Evaluate {
  const guarded = (test: (value: number) => boolean): Evaluate => {
    return (frame) => {
      const value = left(frame);
      return typeof value === "number" ? test(value) : value;
    };
  };
  switch (operator) {
    case "<":
      return guarded((value) => value < bound);
    case "<=":
      return guarded((value) => value <= bound);
    case ">":
      return guarded((value) => value > bound);
    case ">=":
      return guarded((value) => value >= bound);
  }
}

type Comparison = (one: Value, other: Value) => number;

/** Negative, zero, positive, or NaN, which is in no order. */
function comparisonOf(kind: TypeKind): Comparison {
  if (kind === "string") return onTexts(compareTexts);
  if (kind === "version") return onTexts(compareVersions);
  return (one, other) => Number(one === other ? 0 : compareNumbers(Number(one), Number(other)));
}

/** Subtraction would make NaN of two infinities. */
function compareNumbers(one: number, other: number): number {
  if (one < other) return -1;
  return one > other ? 1 : Number.NaN;
}

function onTexts(compare: (one: string, other: string) => number): Comparison {
  return (one, other) => (typeof one === "string" && typeof other === "string" ? compare(one, other) : Number.NaN);
}

function testOf(operator: Ordering, compare: Comparison): (one: Value, other: Value) => Outcome {
  switch (operator) {
    case "<":
      return (one, other) => compare(one, other) < 0;
    case "<=":
      return (one, other) => compare(one, other) <= 0;
    case ">":
      return (one, other) => compare(one, other) > 0;
    case ">=":
      return (one, other) => compare(one, other) >= 0;
  }
}
