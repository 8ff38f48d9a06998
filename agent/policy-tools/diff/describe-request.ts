import type { Fact, FactValue } from "../../connection/index.ts";
import { formatDurationLiteral, type Policy } from "../../policy/index.ts";

/** A fact as `--set attribute=value` takes it. */
export interface ExampleFact {
  readonly attribute: string;
  readonly value: string;
}

/** `host:port`, as far as they are known. */
export function describeRequest(context: ReadonlyMap<string, Fact>): string {
  return `${textOf(context.get("request.host")) ?? "any host"}:${textOf(context.get("request.port")) ?? "any port"}`;
}

function textOf(fact: Fact | undefined): string | undefined {
  return fact?.kind === "known" ? formatValue(fact.value) : undefined;
}

export function exampleFact(attribute: string, fact: Fact, policy: Policy): ExampleFact {
  if (fact.kind !== "known") return { attribute, value: fact.kind };
  const type = policy.attributes.get(attribute)?.type;
  const isDuration = type === "duration" && typeof fact.value === "number" && fact.value >= 0;
  return { attribute, value: isDuration ? formatDurationLiteral(Number(fact.value)) : formatValue(fact.value) };
}

function formatValue(value: FactValue): string {
  if (typeof value === "string") return value;
  if (value instanceof Map) return JSON.stringify(Object.fromEntries(value));
  return JSON.stringify(value);
}
