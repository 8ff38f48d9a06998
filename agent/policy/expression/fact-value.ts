import type { Fact, FactValue } from "../../connection/index.ts";
import type { AttributeDeclaration } from "./environment.ts";
import { canonicalHost } from "./host.ts";
import { parseIp } from "./ip.ts";
import { limits } from "./limits.ts";
import { Absent, type Outcome, Unknown, type Value } from "./outcome.ts";
import type { Type } from "./value-type.ts";
import { canonicalVersion } from "./version.ts";

/**
 * A fact as evaluation sees it. A value of another type than declared, and the absence of an attribute that is not
 * optional, are unknown: a rule can never be steered by a malformed inventory record.
 */
export function valueOfFact(path: string, declaration: AttributeDeclaration, fact: Fact): Outcome | Absent {
  if (fact.kind === "absent" && declaration.optional) return Absent.only;
  const value = fact.kind === "known" ? admitValue(declaration.type, fact.value) : undefined;
  return value ?? new Unknown([path]);
}

type Admission = (value: FactValue) => Value | undefined;

const text = (canonical: (text: string) => string | undefined): Admission => {
  return (value) => (typeof value === "string" ? canonical(value) : undefined);
};
const wholeNumber: Admission = (value) => (Number.isSafeInteger(value) ? (value as number) : undefined);
const number: Admission = (value) => (typeof value === "number" ? value : undefined);

const PLAIN: Partial<Record<Type["kind"], Admission>> = {
  bool: (value) => (typeof value === "boolean" ? value : undefined),
  int: wholeNumber,
  double: number,
  timestamp: wholeNumber,
  duration: wholeNumber,
  string: text((value) => value),
  host: text((value) => canonicalHost(value)?.value),
  ip: text((value) => parseIp(value)?.text),
  version: text(canonicalVersion),
};

/** The value as the engine holds it, or `undefined` when it is not of the type. Lists and maps past the limit are none. */
export function admitValue(type: Type, value: FactValue): Value | undefined {
  if (type.kind === "list") return Array.isArray(value) ? admitList(type.entry, value as readonly FactValue[]) : undefined;
  if (type.kind === "map") return value instanceof Map ? admitMap(type, value as ReadonlyMap<string, FactValue>) : undefined;
  return PLAIN[type.kind]?.(value);
}

function admitList(entry: Type, values: readonly FactValue[]): Value | undefined {
  if (values.length > limits.builtEntries) return undefined;
  const admitted: Value[] = [];
  for (const value of values) {
    const one = admitValue(entry, value);
    if (one === undefined) return undefined;
    admitted.push(one);
  }
  return admitted;
}

function admitMap(type: Type & { readonly kind: "map" }, values: ReadonlyMap<string, FactValue>): Value | undefined {
  if (values.size > limits.builtEntries || type.key.kind !== "string") return undefined;
  const admitted = new Map<Value, Value>();
  for (const [key, value] of values) {
    const one = admitValue(type.value, value);
    if (one === undefined) return undefined;
    admitted.set(key, one);
  }
  return admitted;
}
