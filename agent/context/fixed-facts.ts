import type { Fact, Facts, FactValue } from "../connection/index.ts";

/** Reads a value of an attribute's type from text, as the policy language writes it. */
export type ParseValue = (attribute: string, text: string) => { readonly value: FactValue } | { readonly problem: string };

const NOT_GIVEN: Fact = { kind: "unknown", why: "not given" };

/** Facts of a hypothetical request: the given ones, then those of `rest`; anything else is unknown. */
export function fixedFacts(given: ReadonlyMap<string, Fact>, rest?: Facts): Facts {
  return { read: (attribute) => given.get(attribute) ?? rest?.read(attribute) ?? NOT_GIVEN };
}

/**
 * Facts from `--set attribute=value`. The words `unknown` and `absent` mean just that, as in a policy's fixtures; a text that really
 * says "unknown" is written in quotes.
 */
export function parseSettings(
  settings: Readonly<Record<string, string>>,
  parseValue: ParseValue,
): { readonly facts: ReadonlyMap<string, Fact>; readonly problems: readonly string[] } {
  const facts = new Map<string, Fact>();
  const problems: string[] = [];
  for (const [attribute, text] of Object.entries(settings)) {
    const parsed = parseSetting(attribute, text.trim(), parseValue);
    if ("problem" in parsed) problems.push(`${attribute}=${text}: ${parsed.problem}`);
    else facts.set(attribute, parsed.fact);
  }
  return { facts, problems };
}

function parseSetting(attribute: string, text: string, parseValue: ParseValue): { readonly fact: Fact } | { readonly problem: string } {
  if (text === "unknown") return { fact: { kind: "unknown", why: "set to unknown" } };
  if (text === "absent") return { fact: { kind: "absent" } };
  const parsed = parseValue(attribute, text);
  return "problem" in parsed ? parsed : { fact: { kind: "known", value: parsed.value, source: "given" } };
}
