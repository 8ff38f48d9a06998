import { type ByKind, dispatch } from "./by-kind.ts";
import { compileCall } from "./compile-call.ts";
import { compileList, compileMap } from "./compile-collection.ts";
import { compileEqual, compileOrder } from "./compile-comparison.ts";
import { compileComprehension } from "./compile-comprehension.ts";
import { compileConditional, compileLogic, compileNot } from "./compile-logic.ts";
import { compileHostMatch, compileMember, compileNetMatch, compileRegex, compileValueSet } from "./compile-match.ts";
import { compileDefault, compileEntry, compileHasKey, compilePresent, compileRead } from "./compile-read.ts";
import type { Compiling, NodeOf } from "./compiling.ts";
import type { Evaluate } from "./evaluate.ts";
import { limits } from "./limits.ts";
import { EvalError } from "./outcome.ts";
import type { SlotTable } from "./slot-table.ts";
import type { CheckedExpression, Typed } from "./typed.ts";

/**
 * Make a function of a frame. Closures only: no code is generated, so it works where that is forbidden. Compile every
 * expression of a policy with one table before the first frame is made.
 */
export function compileExpression(checked: CheckedExpression, table: SlotTable): Evaluate {
  const evaluate = compileInner(checked, table);
  return (frame) => {
    try {
      return evaluate(frame);
    } catch (cause) {
      // A fault of the regex engine, of a source of facts, or of ours must never end the agent or pass for a yes.
      return new EvalError(cause instanceof Error ? cause.message : "evaluation failed");
    }
  };
}

function compileInner(checked: CheckedExpression, table: SlotTable): Evaluate {
  // INVARIANT: a `let` has a lower level than what uses it, so their variables never share a place (frame.test.ts).
  const compiling: Compiling = {
    table,
    firstLocal: checked.level * limits.comprehensions,
    compile: (node) => dispatch(COMPILERS, node, compiling),
  };
  return compiling.compile(checked.tree);
}

const COMPILERS: ByKind<Typed, Compiling, Evaluate> = {
  constant:
    ({ value }) =>
    () =>
      value,
  attribute: compileRead,
  let: ({ checked }, { table }) => compileLet(checked, table),
  local: compileLocal,
  and: ({ items }, { compile }) => compileLogic("and", items.map(compile)),
  or: ({ items }, { compile }) => compileLogic("or", items.map(compile)),
  not: ({ operand }, { compile }) => compileNot(compile(operand)),
  conditional: ({ test, yes, no }, { compile }) => compileConditional(compile(test), compile(yes), compile(no)),
  equal: compileEqual,
  order: compileOrder,
  call: ({ overload, items }, { compile }) => compileCall(overload.run, items.map(compile)),
  list: ({ items }, { compile }) => compileList(items.map(compile)),
  map: ({ entries }, { compile }) => compileMap(entries.map(({ key, value }) => ({ key: compile(key), value: compile(value) }))),
  entry: compileEntry,
  present: compilePresent,
  "has-key": compileHasKey,
  default: compileDefault,
  member: compileMember,
  "value-set": compileValueSet,
  "host-match": compileHostMatch,
  "net-match": compileNetMatch,
  regex: compileRegex,
  comprehension: compileComprehension,
};

const UNSET = new EvalError("a variable was read outside its macro");

function compileLocal(node: NodeOf<"local">, { firstLocal }: Compiling): Evaluate {
  const place = firstLocal + node.index;
  return (frame) => frame.locals[place] ?? UNSET;
}

/** A `let` is computed when first asked for, and remembered in the frame. */
function compileLet(checked: CheckedExpression, table: SlotTable): Evaluate {
  const { slot, evaluate } = table.letSlot(checked, () => compileInner(checked, table));
  return (frame) => {
    const known = frame.slots[slot];
    if (known !== undefined) return known as ReturnType<Evaluate>;
    const outcome = evaluate(frame);
    frame.slots[slot] = outcome;
    return outcome;
  };
}
