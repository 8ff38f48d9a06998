import { formatHostPattern, parseHostPattern } from "./host-pattern.ts";
import type { CheckedExpression, Typed } from "./typed.ts";

/**
 * Host patterns of which at least one must match before the condition can be anything but false; `"any"` when the
 * host settles nothing. An empty list says that the condition is false for every host.
 *
 * INVARIANT: for a known host that no pattern matches, the condition is false whatever the other attributes are, unknown
 * and error included (necessary-hosts.prop.test.ts). The index of rules relies on it.
 */
export function necessaryHosts(checked: CheckedExpression, attribute = "request.host"): readonly string[] | "any" {
  return necessary(checked.tree, attribute);
}

function necessary(node: Typed, attribute: string): readonly string[] | "any" {
  switch (node.kind) {
    case "constant":
      return node.value === false ? [] : "any";
    case "let":
      return necessary(node.checked.tree, attribute);
    case "and":
      return node.items.map((item) => necessary(item, attribute)).reduce(smaller);
    case "or":
      return node.items.map((item) => necessary(item, attribute)).reduce(union);
    case "host-match":
      return isAttribute(node.item, attribute) ? (node.patterns ?? "any") : "any";
    case "equal":
      return node.negated ? "any" : ofEquality(node.left, node.right, attribute);
    case "call":
      return node.overload.name === "endsWith" ? ofSuffix(node.items, attribute) : "any";
    case "regex":
      return node.whole && isAttribute(node.item, attribute) ? ofPattern(node.pattern) : "any";
    default:
      return "any";
  }
}

function smaller(one: readonly string[] | "any", other: readonly string[] | "any"): readonly string[] | "any" {
  if (one === "any") return other;
  return other === "any" || one.length <= other.length ? one : other;
}

function union(one: readonly string[] | "any", other: readonly string[] | "any"): readonly string[] | "any" {
  return one === "any" || other === "any" ? "any" : [...new Set([...one, ...other])];
}

function isAttribute(node: Typed | undefined, attribute: string): boolean {
  return node?.kind === "attribute" && node.path === attribute && !node.optional;
}

function ofEquality(left: Typed, right: Typed, attribute: string): readonly string[] | "any" {
  const [named, other] = isAttribute(left, attribute) ? [left, right] : [right, left];
  return isAttribute(named, attribute) && other.kind === "constant" && typeof other.value === "string" ? [other.value] : "any";
}

function ofSuffix([subject, suffix]: readonly Typed[], attribute: string): readonly string[] | "any" {
  if (!isAttribute(subject, attribute) || suffix?.kind !== "constant" || typeof suffix.value !== "string") return "any";
  return below(suffix.value);
}

/** Hosts that end in `.a.b` are those below `a.b`; the part before the first dot of a suffix says nothing more. */
function below(suffix: string): readonly string[] | "any" {
  const dot = suffix.indexOf(".");
  const parsed = dot < 0 ? undefined : parseHostPattern(`**${suffix.slice(dot)}`);
  return parsed?.kind === "pattern" ? [formatHostPattern(parsed.pattern)] : "any";
}

/** The letters at the end of a pattern without alternatives and flags: `.*\.corp\.example` ends in `.corp.example`. */
const LITERAL_TAIL = /((?:\\\.|[a-z0-9_-])*)$/;

function ofPattern(pattern: string): readonly string[] | "any" {
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
