import type { Evaluate } from "./evaluate.ts";
import { joinUnknowns, type Outcome, Unknown } from "./outcome.ts";

/**
 * Strong Kleene `and` and `or`, the same from both sides: a false settles an `and` whatever the others are, a true an
 * `or`. Else unknown wins over error, because the unknown may still settle it (CEL's eval.proto).
 */
export function compileLogic(kind: "and" | "or", items: readonly Evaluate[]): Evaluate {
  const settling = kind === "or";
  const [first, second, ...rest] = items;
  if (first !== undefined && second !== undefined && rest.length === 0) return compilePair(settling, first, second);
  return (frame) => {
    let outcome: Outcome = !settling;
    for (const item of items) {
      const next = item(frame);
      if (next === settling) return settling;
      outcome = combine(outcome, next);
    }
    return outcome;
  };
}

function compilePair(settling: boolean, first: Evaluate, second: Evaluate): Evaluate {
  return (frame) => {
    const one = first(frame);
    if (one === settling) return settling;
    const other = second(frame);
    return other === settling ? settling : combine(one, other);
  };
}

/** Of two outcomes that do not settle a connective, the one that is left; booleans give way to trouble. */
export function combine(one: Outcome, other: Outcome): Outcome {
  if (typeof one === "boolean") return other;
  if (typeof other === "boolean") return one;
  if (one instanceof Unknown) return other instanceof Unknown ? joinUnknowns(one, other) : one;
  return other instanceof Unknown ? other : one;
}

export function compileNot(operand: Evaluate): Evaluate {
  return (frame) => {
    const outcome = operand(frame);
    return typeof outcome === "boolean" ? !outcome : outcome;
  };
}

export function compileConditional(test: Evaluate, yes: Evaluate, no: Evaluate): Evaluate {
  return (frame) => {
    const outcome = test(frame);
    if (outcome === true) return yes(frame);
    return outcome === false ? no(frame) : outcome;
  };
}
