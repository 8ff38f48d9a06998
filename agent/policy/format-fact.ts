import type { Fact, FactValue } from "../connection/index.ts";
import { formatDurationLiteral, formatStringLiteral } from "./expression/index.ts";

/** A fact as an explanation shows it, in the spelling of the language. */
export function formatFact(type: string, fact: Fact): string {
  if (fact.kind === "absent") return "absent";
  if (fact.kind === "unknown") return `unknown: ${fact.why}`;
  const notes = [fact.stale === true && "stale", fact.assumed === true && "assumed"].filter((note) => note !== false);
  return [formatValue(type, fact.value), ...notes.map((note) => `(${note})`)].join(" ");
}

export function formatValue(type: string, value: FactValue): string {
  if (typeof value === "number") return formatNumber(type, value);
  if (typeof value === "string") return formatStringLiteral(value);
  if (typeof value === "boolean") return String(value);
  const entry = type.startsWith("list<") ? type.slice(5, -1) : "string";
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, FactValue>)];
    return `{${entries.map(([key, one]) => `${formatStringLiteral(key)}: ${formatValue("string", one)}`).join(", ")}}`;
  }
  return `[${(value as readonly FactValue[]).map((item) => formatValue(entry, item)).join(", ")}]`;
}

function formatNumber(type: string, value: number): string {
  if (type === "duration") return formatDurationLiteral(value);
  if (type !== "timestamp" || Math.abs(value) > 8.64e15) return String(value);
  return Temporal.Instant.fromEpochMilliseconds(value).toString();
}
