import type { FactValue } from "../connection/index.ts";
import { admitValue, formatType, type Type, types } from "./expression/index.ts";
import type { ValueNode } from "./tree.ts";

export type ValueResult = { readonly kind: "value"; readonly value: FactValue } | { readonly kind: "bad"; readonly why: string };

/** A literal as the value of an attribute of this type, or why it is none. A timestamp is written as text, RFC 3339 with a zone. */
export function readLiteral(node: ValueNode, type: Type): ValueResult {
  const value = plainValue(node, type);
  const admitted = value === undefined || !fitsKind(node, type) ? undefined : admitValue(type, value);
  if (value === undefined || admitted === undefined) return { kind: "bad", why: `expected a value of type ${formatType(type)}` };
  return { kind: "value", value: canonicalOf(value, admitted) };
}

/** Hosts, addresses and versions are kept as they are compared. */
function canonicalOf(value: FactValue, admitted: unknown): FactValue {
  return typeof admitted === "string" ? admitted : value;
}

/** A number is no duration and a duration is no number, although both are numbers inside. */
function fitsKind(node: ValueNode, type: Type): boolean {
  if (type.kind === "duration") return node.kind === "duration";
  if (type.kind === "int") return node.kind === "number" && node.isInt;
  if (type.kind === "double") return node.kind === "number";
  if (type.kind === "list") return node.kind === "list" && node.items.every((item) => fitsKind(item, type.entry));
  if (type.kind === "map") return node.kind === "map" && node.entries.every((entry) => fitsKind(entry.value, type.value));
  return node.kind !== "duration" && node.kind !== "number";
}

function plainValue(node: ValueNode, type: Type): FactValue | undefined {
  switch (node.kind) {
    case "bool":
    case "number":
      return node.value;
    case "string":
      return type.kind === "timestamp" ? parseInstant(node.value) : node.value;
    case "duration":
      return node.ms;
    case "list":
      return listValue(node.items, type.kind === "list" ? type.entry : types.nothing);
    case "map":
      return mapValue(node.entries, type.kind === "map" ? type.value : types.nothing);
    case "unknown":
    case "absent":
      return undefined;
  }
}

function listValue(items: readonly ValueNode[], entry: Type): FactValue | undefined {
  const values = items.map((item) => plainValue(item, entry));
  return values.includes(undefined) ? undefined : (values as FactValue[]);
}

function mapValue(entries: readonly { readonly key: string; readonly value: ValueNode }[], type: Type): FactValue | undefined {
  const map = new Map<string, FactValue>();
  for (const { key, value } of entries) {
    const plain = plainValue(value, type);
    if (plain === undefined) return undefined;
    map.set(key, plain);
  }
  return map;
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})\d*)?(?:Z|([+-])(\d\d):(\d\d))$/;

/** RFC 3339 to milliseconds since 1970, by arithmetic: this room has no clock and no time zone of its own. */
export function parseInstant(text: string): number | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", sign, zoneHour = "0", zoneMinute = "0"] = match;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [number, number, number, number, number, number];
  if (mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) || h > 23 || mi > 59 || s > 59) return undefined;
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === "-" ? -1 : 1);
  return ((daysSince1970(y, mo, d) * 24 + h) * 60 + mi - zone) * 60_000 + s * 1000 + Number(fraction.padEnd(3, "0"));
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days from civil date, with years that begin in March so that the leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
