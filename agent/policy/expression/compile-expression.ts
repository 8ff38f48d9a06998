import { compileCall } from "./compile-call.ts";
import { compileList, compileMap } from "./compile-collection.ts";
import { compileEqual, compileOrder } from "./compile-comparison.ts";
import { compileComprehension } from "./compile-comprehension.ts";
import { compileConditional, compileLogic, compileNot } from "./compile-logic.ts";
import { compileHostMatch, compileMember, compileNetMatch, compileRegex, compileValueSet } from "./compile-match.ts";
import { compileDefault, compileEntry, compileHasKey, compilePresent, compileRead } from "./compile-read.ts";
import type { Compiling } from "./compiling.ts";
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
  // INVARIANT: a `let` has a lower level than what uses it, so their variables never share a place (compile-expression.test.ts).
  const compiling: Compiling = { table, firstLocal: checked.level * limits.comprehensions, compile: (node) => compile(node, compiling) };
  return compiling.compile(checked.tree);
}

function compile(node: Typed, compiling: Compiling): Evaluate {
  switch (node.kind) {
    case "constant": {
      const { value } = node;
      return () => value;
    }
    case "attribute":
      return compileRead(node, compiling);
    case "let":
      return compileLet(node.checked, compiling.table);
    case "local": {
      const place = compiling.firstLocal + node.index;
      return (frame) => frame.locals[place] ?? UNSET;
    }
    case "and":
    case "or":
      return compileLogic(node.kind, node.items.map(compiling.compile));
    case "not":
      return compileNot(compiling.compile(node.operand));
    case "conditional":
      return compileConditional(compiling.compile(node.test), compiling.compile(node.yes), compiling.compile(node.no));
    case "equal":
      return compileEqual(node, compiling);
    case "order":
      return compileOrder(node, compiling);
    default:
      return compileRest(node, compiling);
  }
}

type Rest = Exclude<
  Typed,
  | { readonly kind: "constant" | "attribute" | "let" | "local" | "not" | "conditional" | "equal" | "order" }
  | { readonly kind: "and" | "or" }
>;

function compileRest(node: Rest, compiling: Compiling): Evaluate {
  switch (node.kind) {
    case "call":
      return compileCall(node.overload.run, node.items.map(compiling.compile));
    case "list":
      return compileList(node.items.map(compiling.compile));
    case "map":
      return compileMap(node.entries.map(({ key, value }) => ({ key: compiling.compile(key), value: compiling.compile(value) })));
    case "entry":
      return compileEntry(node, compiling);
    case "present":
      return compilePresent(node, compiling);
    case "has-key":
      return compileHasKey(node, compiling);
    case "default":
      return compileDefault(node, compiling);
    case "member":
      return compileMember(node, compiling);
    case "value-set":
      return compileValueSet(node, compiling);
    case "host-match":
      return compileHostMatch(node, compiling);
    case "net-match":
      return compileNetMatch(node, compiling);
    case "regex":
      return compileRegex(node, compiling);
    case "comprehension":
      return compileComprehension(node, compiling);
  }
}

const UNSET = new EvalError("a variable was read outside its macro");

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
