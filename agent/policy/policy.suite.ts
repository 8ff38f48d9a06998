import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Fact, Facts } from "../connection/index.ts";
import { givenFacts, loadPolicy, parseAttributeValue, type LoadOptions, type Policy } from "./index.ts";

/** What the tests of this room share: loading texts and writing facts shortly. */
export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

export const load = (text: string | Uint8Array, options: Partial<LoadOptions> = {}) =>
  loadPolicy(text, { file: "x.portail", hash: sha256, ...options });

/** Load a text that must be right. */
export function loadOk(text: string, options: Partial<LoadOptions> = {}): Policy {
  const { policy, problems } = load(text, options);
  if (policy !== undefined) return policy;
  throw new Error(problems.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`).join("\n"));
}

/** A policy from its blocks, without the first line. */
export const policyOf = (blocks: string): Policy => loadOk(`portail policy 1\n${blocks}`);

/** Facts as `--set` takes them: `{ "user.groups": "eng", "geo.country": "unknown" }`. */
export function factsOf(policy: Policy, values: Readonly<Record<string, string>>): Facts {
  return givenFacts(factMapOf(policy, values));
}

export function factMapOf(policy: Policy, values: Readonly<Record<string, string>>): ReadonlyMap<string, Fact> {
  return new Map(Object.entries(values).map(([attribute, text]) => [attribute, factOf(policy, attribute, text)]));
}

function factOf(policy: Policy, attribute: string, text: string): Fact {
  const parsed = parseAttributeValue(policy, attribute, text);
  if ("problem" in parsed) throw new Error(`${attribute}=${text}: ${parsed.problem}`);
  return parsed.fact;
}

/** Matchers whose type says no more than they promise. */
export const containing = (text: string): unknown => expect.stringContaining(text) as unknown;
export const anyNumber: unknown = expect.any(Number);
