import type { Evaluate } from "./evaluate.ts";
import { isTrouble, joinTroubles, type Outcome, type Trouble, type Value } from "./outcome.ts";
import type { Run } from "./typed.ts";

/** A function on plain values, made to pass on trouble: any error first, else all unknowns together. */
export function compileCall(run: Run, items: readonly Evaluate[]): Evaluate {
  const [first, second, ...rest] = items;
  if (first === undefined) return () => run();
  if (second === undefined) return compileOne(run, first);
  return rest.length === 0 ? compileTwo(run, first, second) : compileMany(run, items);
}

function compileOne(run: Run, item: Evaluate): Evaluate {
  return (frame) => {
    const value = item(frame);
    return isTrouble(value) ? value : run(value);
  };
}

function compileTwo(run: Run, first: Evaluate, second: Evaluate): Evaluate {
  return (frame) => {
    const one = first(frame);
    const other = second(frame);
    return isTrouble(one) || isTrouble(other) ? troubleOf(one, other) : run(one, other);
  };
}

function compileMany(run: Run, items: readonly Evaluate[]): Evaluate {
  return (frame) => {
    const outcomes = items.map((item) => item(frame));
    return collectTrouble(outcomes) ?? run(...(outcomes as readonly Value[]));
  };
}

/** The trouble of two outcomes of which at least one is trouble. */
export function troubleOf(one: Outcome, other: Outcome): Outcome {
  if (!isTrouble(one)) return other;
  return isTrouble(other) ? joinTroubles(one, other) : one;
}

/** All trouble among the outcomes as one; `undefined` when there is none. */
export function collectTrouble(outcomes: readonly Outcome[]): Trouble | undefined {
  let trouble: Trouble | undefined;
  for (const outcome of outcomes) {
    if (isTrouble(outcome)) trouble = trouble === undefined ? outcome : joinTroubles(trouble, outcome);
  }
  return trouble;
}
