import { troubleOf } from "./compile-call.ts";
import type { Compiling, NodeOf } from "./compiling.ts";
import { equalityOf } from "./equality.ts";
import type { Evaluate } from "./evaluate.ts";
import { isTrouble, type Value } from "./outcome.ts";

export function compileHostMatch(node: NodeOf<"host-match">, compiling: Compiling): Evaluate {
  // The matcher alone is kept: a closure that held the node would keep the whole tree alive.
  const { matcher } = node;
  return onText(compiling.compile(node.item), (host) => matcher.matches(host));
}

export function compileNetMatch(node: NodeOf<"net-match">, compiling: Compiling): Evaluate {
  const { matcher } = node;
  return onText(compiling.compile(node.item), (ip) => matcher.matches(ip));
}

export function compileRegex(node: NodeOf<"regex">, compiling: Compiling): Evaluate {
  return onText(compiling.compile(node.item), node.test);
}

/** The items of these nodes are texts, so whatever else they give is trouble. */
function onText(item: Evaluate, test: (text: string) => boolean): Evaluate {
  return (frame) => {
    const value = item(frame);
    return typeof value === "string" ? test(value) : value;
  };
}

/** Only values that are no objects stand in such sets, so an object is trouble. */
export function compileValueSet(node: NodeOf<"value-set">, compiling: Compiling): Evaluate {
  const item = compiling.compile(node.item);
  const { values } = node;
  return (frame) => {
    const value = item(frame);
    return typeof value === "object" ? value : values.has(value);
  };
}

export function compileMember(node: NodeOf<"member">, compiling: Compiling): Evaluate {
  const item = compiling.compile(node.item);
  const container = compiling.compile(node.container);
  const equal = equalityOf(node.item.type);
  return (frame) => {
    const value = item(frame);
    const within = container(frame);
    if (isTrouble(value) || isTrouble(within)) return troubleOf(value, within);
    if (within instanceof Map) return within.has(value);
    return Array.isArray(within) && (within as readonly Value[]).some((entry) => equal(entry, value));
  };
}
