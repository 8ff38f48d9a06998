import { collectTrouble } from "./compile-call.ts";
import type { Evaluate } from "./evaluate.ts";
import { EvalError, type Outcome, type Value } from "./outcome.ts";

export function compileList(items: readonly Evaluate[]): Evaluate {
  return (frame) => {
    const outcomes = items.map((item) => item(frame));
    return collectTrouble(outcomes) ?? (outcomes as readonly Value[]);
  };
}

export function compileMap(entries: readonly { readonly key: Evaluate; readonly value: Evaluate }[]): Evaluate {
  return (frame) => {
    const keys = entries.map(({ key }) => key(frame));
    const values = entries.map(({ value }) => value(frame));
    return collectTrouble([...keys, ...values]) ?? buildMap(keys as readonly Value[], values as readonly Value[]);
  };
}

function buildMap(keys: readonly Value[], values: readonly Value[]): Outcome {
  const map = new Map(keys.map((key, place) => [key, values[place] ?? false]));
  return map.size === keys.length ? map : new EvalError("a key occurs twice in the map");
}
