import type { Fact, FactValue } from "../../connection/index.ts";
import { type Attribute, parseIp, parseNetwork } from "../../policy/index.ts";
import { foreignHost, hostsAround } from "./host-values.ts";
import type { Literal } from "./literals.ts";
import { regexExamples } from "./regex-examples.ts";

const UNKNOWN: Fact = { kind: "unknown", why: "not given" };

/** More values of one attribute than this say nothing new; of hosts there may be more. */
const MAX_VALUES = 40;
const MAX_HOSTS = 400;

export interface Tried {
  readonly facts: readonly Fact[];
  /** So many of the first facts come from literals that were asked for first. */
  readonly focus: number;
}

/**
 * The values worth trying for an attribute: around each literal, each text of a list, both truths; and unknown, and absent. Those around
 * the literals of `first` are all there, of the others an even choice when there are many.
 */
export function factsAround(attribute: Attribute, literals: readonly Literal[], first: readonly Literal[] = []): Tried {
  const most = attribute.type === "host" ? MAX_HOSTS : MAX_VALUES;
  const focus = first.length === 0 ? [] : spread(distinct(valuesAround(attribute.type, first)), most * 2);
  const values = distinct([...focus, ...spread(distinct(valuesAround(attribute.type, literals)), most)]);
  const facts: Fact[] = values.map((value) => ({ kind: "known", value }));
  if (attribute.optional) facts.push({ kind: "absent" });
  return { facts: [...facts, UNKNOWN], focus: focus.length };
}

function valuesAround(type: string, literals: readonly Literal[]): readonly FactValue[] {
  switch (type) {
    case "bool":
      return [true, false];
    case "int":
    case "double":
    case "duration":
    case "timestamp":
      return numbersAround(literals);
    case "host":
      return [...textsOf(literals).flatMap(hostsAround), ...partsOf(literals).map((part) => hostLike(part)), foreignHost];
    case "ip":
      return [...textsOf(literals).flatMap(addressesAround), "192.0.2.1"];
    case "version":
      return textsOf(literals).flatMap((text) => [text, `${text}.1`, "0"]);
    case "string":
      return [...textsOf(literals), ...partsOf(literals), "other"];
    default:
      return type.startsWith("list<") ? listsAround(type, literals) : [new Map<string, FactValue>()];
  }
}

/** The literals first, then their neighbours. */
function numbersAround(literals: readonly Literal[]): readonly number[] {
  const numbers = literals.flatMap((literal) => (typeof literal.value === "number" ? [literal.value] : []));
  if (numbers.length === 0) return [0, 1];
  return [...numbers, ...numbers.map((number) => number - 1), ...numbers.map((number) => number + 1)];
}

function textsOf(literals: readonly Literal[]): readonly string[] {
  return literals.flatMap((literal) => (literal.kind === "text" ? [literal.value] : []));
}

/** Texts that contain a part at their beginning, their end and in the middle, and examples of regular expressions. */
function partsOf(literals: readonly Literal[]): readonly string[] {
  return literals.flatMap((literal) => {
    if (literal.kind === "regex") return regexExamples(literal.value);
    return literal.kind === "part" ? [literal.value, `x${literal.value}`, `${literal.value}x`] : [];
  });
}

function hostLike(text: string): string {
  return text.startsWith(".") ? `a${text}` : text;
}

function addressesAround(text: string): readonly string[] {
  const network = parseNetwork(text);
  const address = network?.masked().address ?? parseIp(text);
  return address === undefined ? [] : [address.text];
}

/** No entry, each entry alone, all together, all but one, and one that no condition names. */
function listsAround(type: string, literals: readonly Literal[]): readonly FactValue[] {
  const isText = type === "list<string>";
  const entries = distinct(isText ? [...textsOf(literals), ...partsOf(literals)] : numbersAround(literals));
  const alone = entries.map((entry) => [entry]);
  const butOne = entries.length > 2 ? entries.map((entry) => entries.filter((other) => other !== entry)) : [];
  return [[], ...alone, entries, ...(isText ? [["other"]] : []), ...butOne];
}

function distinct(values: readonly FactValue[]): readonly FactValue[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** At most so many, evenly from beginning to end. */
export function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, index) => list[Math.floor((index * list.length) / most)] as T);
}
