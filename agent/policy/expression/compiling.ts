import type { Evaluate } from "./evaluate.ts";
import type { SlotTable } from "./slot-table.ts";
import type { Typed } from "./typed.ts";

/** What the parts of the compiler share. */
export interface Compiling {
  readonly table: SlotTable;
  /** Where the variables of this expression's macros begin in `frame.locals`. */
  readonly firstLocal: number;
  /** The compiler itself, handed down so that its parts need not import each other in a circle. */
  readonly compile: (node: Typed) => Evaluate;
}

/** A node of the typed tree by its kind. */
export type NodeOf<K extends Typed["kind"]> = Typed & { readonly kind: K };
