import type { Absent, Outcome } from "./outcome.ts";

/** What one evaluation reads from. Fill it lazily: an attribute is asked for when the first condition needs it. */
export interface Frame {
  /** By slot; `undefined` means not asked yet. `let`s are remembered here too. */
  readonly slots: (Outcome | Absent | undefined)[];
  /** The variables of macros that are running. */
  readonly locals: Outcome[];
  /** Find out an attribute and remember it in `slots`. */
  fetch(slot: number): Outcome | Absent;
}

/** What a condition compiles to. It never throws for any frame. */
export type Evaluate = (frame: Frame) => Outcome;
