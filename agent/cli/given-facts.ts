import { parseDuration } from "../base/index.ts";
import type { Fact, FactValue } from "../connection/index.ts";
import type { AttributeTable } from "../policy/index.ts";
import { nearestWord } from "./nearest-word.ts";
import type { RequestWords } from "./request-words.ts";
import { UsageMistake } from "./usage-mistake.ts";

/** The facts of a request that the flags describe, typed as the policy declares them. What is not given is unknown to it. */
export function readGivenFacts(request: RequestWords, attributes: AttributeTable): ReadonlyMap<string, Fact> {
  const facts = new Map<string, Fact>([
    ["request.host", known(request.host.toLowerCase())],
    ["request.port", known(request.port)],
    ["request.protocol", known(request.protocol)],
    ["request.transport", known("tcp")],
  ]);
  for (const [name, text] of Object.entries(request.attributes)) facts.set(name, readFact(name, text, attributes));
  return facts;
}

function readFact(name: string, text: string, attributes: AttributeTable): Fact {
  const attribute = attributes.get(name);
  if (attribute === undefined) {
    const meant = nearestWord(name, [...attributes.keys()]);
    throw new UsageMistake(`the policy knows no attribute ${name}`, meant === undefined ? undefined : `did you mean ${meant}?`);
  }
  if (text === "unknown") return { kind: "unknown", why: "given as unknown" };
  if (text === "absent") return { kind: "absent" };
  const value = readValue(text, attribute.type);
  if (value !== undefined) return known(value);
  throw new UsageMistake(`--set ${name} takes a value of type ${attribute.type}, not ${JSON.stringify(text)}`);
}

/** `undefined`: it is no value of this type. Lists are written with commas. */
function readValue(text: string, type: string): FactValue | undefined {
  const [, entry] = /^list<(.*)>$/.exec(type) ?? [];
  if (entry !== undefined) return readList(text, entry);
  switch (type) {
    case "bool":
      return text === "true" || (text === "false" ? false : undefined);
    case "int":
      return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
    case "double":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case "duration":
      return parseDuration(text);
    case "timestamp":
      return readTimestamp(text);
    case "host":
      return text.toLowerCase();
    default:
      return type.startsWith("map<") ? undefined : text;
  }
}

function readList(text: string, entry: string): FactValue | undefined {
  if (text === "") return [];
  const values = text.split(",").map((one) => readValue(one.trim(), entry));
  return values.includes(undefined) ? undefined : (values as FactValue[]);
}

function readTimestamp(text: string): number | undefined {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return undefined;
  }
}

function known(value: FactValue): Fact {
  return { kind: "known", value };
}
