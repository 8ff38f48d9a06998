import type { Evaluate } from "./evaluate.ts";
import type { CheckedExpression } from "./typed.ts";

/**
 * Where each attribute and each `let` lies in a frame. One table serves all expressions of a policy, so that an
 * attribute is read, and a `let` computed, once in a decision however many rules ask.
 */
export class SlotTable {
  readonly #slotByPath = new Map<string, number>();
  readonly #paths: (string | undefined)[] = [];
  readonly #lets = new Map<CheckedExpression, { readonly slot: number; readonly evaluate: Evaluate }>();

  /** How many slots a frame of this table has. Frames made before an expression was compiled are too small for it. */
  get size(): number {
    return this.#paths.length;
  }

  /** The slot of an attribute; a new one when it has none yet. */
  slotOf(path: string): number {
    const known = this.#slotByPath.get(path);
    if (known !== undefined) return known;
    const slot = this.#paths.push(path) - 1;
    this.#slotByPath.set(path, slot);
    return slot;
  }

  /** The attribute that lies in a slot; empty for the slot of a `let`. */
  pathOf(slot: number): string {
    return this.#paths[slot] ?? "";
  }

  /** The slot of a `let`, with its condition compiled once for all who use it. */
  letSlot(checked: CheckedExpression, compile: () => Evaluate): { readonly slot: number; readonly evaluate: Evaluate } {
    const known = this.#lets.get(checked);
    if (known !== undefined) return known;
    const evaluate = compile();
    const entry = { slot: this.#paths.push(undefined) - 1, evaluate };
    this.#lets.set(checked, entry);
    return entry;
  }
}
