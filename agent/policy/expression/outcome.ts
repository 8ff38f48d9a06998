import type { Network } from "./network.ts";

/**
 * A value of the language as the engine holds it. The checker knows each type, so values carry none: an int and a
 * double are both numbers; ip, host and version are canonical strings; a duration is milliseconds; a timestamp is
 * milliseconds since 1970.
 */
export type Value = boolean | number | string | Network | readonly Value[] | ReadonlyMap<Value, Value>;

/** What an evaluation can end in besides a value. */
export type Trouble = Unknown | EvalError;

export type Outcome = Value | Trouble;

/** It could not be found out; the attributes that would have been needed are named, each once, in the order met. */
export class Unknown {
  readonly attributes: readonly string[];

  constructor(attributes: readonly string[]) {
    this.attributes = attributes;
  }
}

/** It cannot be: overflow, an index past the end, a text that is no number. A decision treats it as unknown. */
export class EvalError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** What an optional attribute reads when there is legitimately none; `has()` and `??` look for it. */
export class Absent {
  static readonly only = new Absent();
}

export function isTrouble(outcome: Outcome | Absent): outcome is Trouble {
  return typeof outcome === "object" && (outcome instanceof Unknown || outcome instanceof EvalError);
}

/** Both unknowns as one, without a new object where one already says it all. */
export function joinUnknowns(first: Unknown, second: Unknown): Unknown {
  if (first === second || second.attributes.every((name) => first.attributes.includes(name))) return first;
  return new Unknown([...new Set([...first.attributes, ...second.attributes])]);
}

/** What a function makes of two troubled arguments: the error wins, unknowns are joined (CEL's eval.proto). */
export function joinTroubles(first: Trouble, second: Trouble): Trouble {
  if (first instanceof EvalError) return first;
  return second instanceof EvalError ? second : joinUnknowns(first, second);
}
