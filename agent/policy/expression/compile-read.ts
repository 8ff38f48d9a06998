import type { Compiling, NodeOf } from "./compiling.ts";
import type { Evaluate, Frame } from "./evaluate.ts";
import { Absent, EvalError, isTrouble, joinTroubles, type Outcome, type Value } from "./outcome.ts";
import type { Typed } from "./typed.ts";

/** Like `Evaluate`, where absence is an answer. */
type EvaluateMaybe = (frame: Frame) => Outcome | Absent;

/** The checker lets no unguarded read through; should facts change within one decision, this is what remains. */
const GONE = new EvalError("the attribute is absent");

export function compileRead(node: NodeOf<"attribute">, compiling: Compiling): Evaluate {
  const slot = compiling.table.slotOf(node.path);
  if (node.optional) {
    return (frame) => {
      const outcome = frame.slots[slot] ?? frame.fetch(slot);
      return outcome instanceof Absent ? GONE : outcome;
    };
  }
  // A frame gives `Absent` for optional attributes only, so this read needs no test.
  return (frame) => (frame.slots[slot] ?? frame.fetch(slot)) as Outcome;
}

export function compilePresent(node: NodeOf<"present">, compiling: Compiling): Evaluate {
  const read = readMaybe(node.path, compiling);
  return (frame) => {
    const outcome = read(frame);
    if (outcome instanceof Absent) return false;
    return isTrouble(outcome) ? outcome : true;
  };
}

export function compileHasKey(node: NodeOf<"has-key">, compiling: Compiling): Evaluate {
  const target = compileRoot(node.target, compiling);
  const { key } = node;
  return (frame) => {
    const map = target(frame);
    if (map instanceof Absent) return false;
    return isTrouble(map) ? map : map instanceof Map && map.has(key);
  };
}

export function compileEntry(node: NodeOf<"entry">, compiling: Compiling): Evaluate {
  const find = compileFind(node, compiling);
  const missing = new EvalError(node.target.type.kind === "list" ? "the index is outside the list" : "the map has no such key");
  return (frame) => {
    const outcome = find(frame);
    return outcome instanceof Absent ? missing : outcome;
  };
}

export function compileDefault(node: NodeOf<"default">, compiling: Compiling): Evaluate {
  const left = node.left.kind === "entry" ? compileFind(node.left, compiling) : compileRoot(node.left, compiling);
  const right = compiling.compile(node.right);
  return (frame) => {
    const outcome = left(frame);
    return outcome instanceof Absent ? right(frame) : outcome;
  };
}

function compileFind(node: NodeOf<"entry">, compiling: Compiling): EvaluateMaybe {
  const target = compileRoot(node.target, compiling);
  const key = compiling.compile(node.key);
  return (frame) => {
    const container = target(frame);
    const wanted = key(frame);
    if (container instanceof Absent) return isTrouble(wanted) ? wanted : Absent.only;
    if (isTrouble(container)) return isTrouble(wanted) ? joinTroubles(container, wanted) : container;
    return isTrouble(wanted) ? wanted : findEntry(container, wanted);
  };
}

function findEntry(container: Value, key: Value): Value | Absent {
  if (container instanceof Map) return (container as ReadonlyMap<Value, Value>).get(key) ?? Absent.only;
  if (!Array.isArray(container) || typeof key !== "number") return Absent.only;
  return (container as readonly Value[])[key] ?? Absent.only;
}

/** An attribute may be absent here; everything else is what it always is. */
function compileRoot(node: Typed, compiling: Compiling): EvaluateMaybe {
  return node.kind === "attribute" ? readMaybe(node.path, compiling) : compiling.compile(node);
}

function readMaybe(path: string, compiling: Compiling): EvaluateMaybe {
  const slot = compiling.table.slotOf(path);
  return (frame) => frame.slots[slot] ?? frame.fetch(slot);
}
