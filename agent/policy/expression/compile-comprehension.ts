import { combine } from "./compile-logic.ts";
import type { Compiling, NodeOf } from "./compiling.ts";
import type { Evaluate, Frame } from "./evaluate.ts";
import { isTrouble, joinTroubles, type Outcome, type Trouble, type Value } from "./outcome.ts";

/** One walk over the entries of a list; the fold decides what it amounts to. */
type Fold = (frame: Frame, entries: Iterable<Value>) => Outcome;

export function compileComprehension(node: NodeOf<"comprehension">, compiling: Compiling): Evaluate {
  const source = compiling.compile(node.source);
  const fold = compileFold(node, compiling);
  return (frame) => {
    const container = source(frame);
    if (isTrouble(container)) return container;
    return fold(frame, container instanceof Map ? (container as ReadonlyMap<Value, Value>).keys() : (container as readonly Value[]));
  };
}

function compileFold(node: NodeOf<"comprehension">, compiling: Compiling): Fold {
  const place = compiling.firstLocal + node.index;
  const predicate = node.predicate && compiling.compile(node.predicate);
  const transform = node.transform && compiling.compile(node.transform);
  const holds: Evaluate = predicate ?? (() => true);
  switch (node.macro) {
    case "all":
      return foldLogic(place, holds, false);
    case "exists":
      return foldLogic(place, holds, true);
    case "exists_one":
      return foldOne(place, holds);
    case "filter":
      return foldList(place, holds, (frame) => frame.locals[place] ?? false);
    case "map":
      return foldList(place, holds, transform ?? (() => false));
  }
}

/** `all` is an `and` over the entries, `exists` an `or`, with their care for errors and unknowns. */
function foldLogic(place: number, predicate: Evaluate, settling: boolean): Fold {
  return (frame, entries) => {
    let outcome: Outcome = !settling;
    for (const entry of entries) {
      frame.locals[place] = entry;
      const next = predicate(frame);
      if (next === settling) return settling;
      outcome = combine(outcome, next);
    }
    return outcome;
  };
}

/** Looks at every entry: a second match, or trouble, may come last. */
function foldOne(place: number, predicate: Evaluate): Fold {
  return (frame, entries) => {
    let matches = 0;
    let trouble: Trouble | undefined;
    for (const entry of entries) {
      frame.locals[place] = entry;
      const outcome = predicate(frame);
      if (outcome === true) matches += 1;
      else if (isTrouble(outcome)) trouble = trouble === undefined ? outcome : joinTroubles(trouble, outcome);
    }
    return trouble ?? matches === 1;
  };
}

/** One troubled entry troubles the whole list: its length and order would be a guess. */
function foldList(place: number, predicate: Evaluate, transform: Evaluate): Fold {
  return (frame, entries) => {
    const list: Value[] = [];
    let trouble: Trouble | undefined;
    for (const entry of entries) {
      frame.locals[place] = entry;
      const kept = predicate(frame);
      const outcome = kept === true ? transform(frame) : kept;
      if (isTrouble(outcome)) trouble = trouble === undefined ? outcome : joinTroubles(trouble, outcome);
      else if (kept === true) list.push(outcome);
    }
    return trouble ?? list;
  };
}
