import { type ByKind, dispatch } from "./by-kind.ts";
import { formatHostPattern, parseHostPattern } from "./host-pattern.ts";
import type { CheckedExpression, Typed } from "./typed.ts";

/**
 * Host patterns of which at least one must match before the condition can be anything but false; `"any"` when the
 * host settles nothing. An empty list says that the condition is false for every host.
 *
 * INVARIANT: for a known host that no pattern matches, the condition is false whatever the other attributes are, unknown
 * and error included (evaluation.prop.test.ts). The index of rules relies on it.
 */
export function necessaryHosts(checked: CheckedExpression, attribute = "request.host"): readonly string[] | "any" {
  return necessary(checked.tree, attribute);
}

type Necessary = readonly string[] | "any";

const anything = (): Necessary => "any";

const NECESSARY: ByKind<Typed, string, Necessary> = {
  constant: ({ value }) => (value === false ? [] : "any"),
  let: ({ checked }, attribute) => necessary(checked.tree, attribute),
  and: ({ items }, attribute) => items.map((item) => necessary(item, attribute)).reduce(smaller),
  or: ({ items }, attribute) => items.map((item) => necessary(item, attribute)).reduce(union),
  "host-match": ({ item, patterns }, attribute) => (isAttribute(item, attribute) ? (patterns ?? "any") : "any"),
  equal: ({ negated, left, right }, attribute) => (negated ? "any" : ofEquality(left, right, attribute)),
  call: ({ overload, items }, attribute) => (overload.name === "endsWith" ? ofSuffix(items, attribute) : "any"),
  regex: ({ whole, item, pattern }, attribute) => (whole && isAttribute(item, attribute) ? ofPattern(pattern) : "any"),
  // A conditional whose test is unknown is unknown, even where both branches are false.
  conditional: anything,
  not: anything,
  attribute: anything,
  local: anything,
  order: anything,
  list: anything,
  map: anything,
  entry: anything,
  present: anything,
  "has-key": anything,
  default: anything,
  member: anything,
  "value-set": anything,
  "net-match": anything,
  comprehension: anything,
};

function necessary(node: Typed, attribute: string): Necessary {
  return dispatch(NECESSARY, node, attribute);
}

function smaller(one: Necessary, other: Necessary): Necessary {
  if (one === "any") return other;
  return other === "any" || one.length <= other.length ? one : other;
}

function union(one: Necessary, other: Necessary): Necessary {
  return one === "any" || other === "any" ? "any" : [...new Set([...one, ...other])];
}

function isAttribute(node: Typed | undefined, attribute: string): boolean {
  return node?.kind === "attribute" && node.path === attribute && !node.optional;
}

function ofEquality(left: Typed, right: Typed, attribute: string): Necessary {
  const [named, other] = isAttribute(left, attribute) ? [left, right] : [right, left];
  return isAttribute(named, attribute) && other.kind === "constant" && typeof other.value === "string" ? [other.value] : "any";
}

function ofSuffix([subject, suffix]: readonly Typed[], attribute: string): Necessary {
  if (!isAttribute(subject, attribute) || suffix?.kind !== "constant" || typeof suffix.value !== "string") return "any";
  return below(suffix.value);
}

/** Hosts that end in `.a.b` are those below `a.b`; the part before the first dot of a suffix says nothing more. */
function below(suffix: string): Necessary {
  const dot = suffix.indexOf(".");
  const parsed = dot < 0 ? undefined : parseHostPattern(`**${suffix.slice(dot)}`);
  return parsed?.kind === "pattern" ? [formatHostPattern(parsed.pattern)] : "any";
}

/** The letters at the end of a pattern without alternatives and flags: `.*\.corp\.example` ends in `.corp.example`. */
const LITERAL_TAIL = /((?:\\\.|[a-z0-9_-])*)$/;

function ofPattern(pattern: string): Necessary {
  if (/[|]|\(\?|\\Q/.test(pattern)) return "any";
  const tail = LITERAL_TAIL.exec(pattern)?.[1] ?? "";
  const head = pattern.slice(0, pattern.length - tail.length);
  // After `\` the first letter of the tail is part of an escape, inside `[` or `{` it is no letter of the text.
  if (head.endsWith("\\") || /[[{(]$/.test(head) || opensClass(head)) return "any";
  return below(tail.replaceAll("\\.", "."));
}

/** Whether a bracket is still open at the end of the head. */
function opensClass(head: string): boolean {
  return head.lastIndexOf("[") > head.lastIndexOf("]") || head.lastIndexOf("{") > head.lastIndexOf("}");
}
