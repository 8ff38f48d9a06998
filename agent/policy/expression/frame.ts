import type { Facts } from "../../connection/index.ts";
import type { AttributeDeclaration } from "./environment.ts";
import type { Frame } from "./evaluate.ts";
import { valueOfFact } from "./fact-value.ts";
import { type Absent, type Outcome, Unknown } from "./outcome.ts";
import type { SlotTable } from "./slot-table.ts";

/** The frame of one decision, over any way to read attributes. The answer to each attribute is asked for once. */
export class LazyFrame implements Frame {
  readonly slots: (Outcome | Absent | undefined)[];
  readonly locals: Outcome[] = [];
  readonly #table: SlotTable;
  readonly #read: (path: string) => Outcome | Absent;

  constructor(table: SlotTable, read: (path: string) => Outcome | Absent) {
    this.slots = Array.from({ length: table.size });
    this.#table = table;
    this.#read = read;
  }

  fetch(slot: number): Outcome | Absent {
    const outcome = this.#read(this.#table.pathOf(slot));
    this.slots[slot] = outcome;
    return outcome;
  }
}

/** The frame of one decision over the facts of a request; a fact of another type than declared is unknown. */
export function createFactFrame(table: SlotTable, facts: Facts, declared: (path: string) => AttributeDeclaration | undefined): Frame {
  return new LazyFrame(table, (path) => {
    const declaration = declared(path);
    return declaration === undefined ? new Unknown([path]) : valueOfFact(path, declaration, facts.read(path));
  });
}
