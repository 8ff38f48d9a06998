import type { Diagnostics } from "./diagnostics.ts";
import {
  type CheckedExpression,
  checkExpression,
  compileExpression,
  referencesOf,
  type Expression,
  type MapEnvironment,
  type SlotTable,
  types,
} from "./expression/index.ts";
import type { CompiledCondition } from "./program.ts";

/** What all conditions of one policy share. */
export interface Workshop {
  readonly environment: MapEnvironment;
  readonly table: SlotTable;
  readonly diagnostics: Diagnostics;
  /** Names of sets and lets that some condition uses. */
  readonly used: Set<string>;
}

/** A condition that was checked, together with its tree, which the caller drops when it has seen enough. */
export interface Made {
  readonly condition: CompiledCondition;
  readonly checked: CheckedExpression;
}

/** Check a condition (it must be a bool) and compile it; mistakes are noted. */
export function makeCondition(expression: Expression, workshop: Workshop): Made | undefined {
  const result = checkExpression(expression, workshop.environment, types.bool);
  if (result.kind === "refused") {
    for (const problem of result.problems) workshop.diagnostics.add(problem);
    return undefined;
  }
  noteUse(result.checked, workshop.used);
  const evaluate = compileExpression(result.checked, workshop.table);
  return { condition: { evaluate, at: { offset: expression.offset, length: expression.length } }, checked: result.checked };
}

/** Remember the sets and lets that a condition uses, lets of lets included. */
export function noteUse(checked: CheckedExpression, used: Set<string>): void {
  const { lets, sets } = referencesOf(checked);
  for (const name of lets) used.add(name);
  for (const name of sets) used.add(name);
}
