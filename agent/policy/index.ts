/**
 * The policy language: text -> tree -> checked rules -> verdict, explanation, and what each audience may see of it.
 * Pure: no I/O, no clock, no randomness; files and hashes arrive as arguments. It fetches no fact and dials nothing.
 * `config` (to check files) and `main` may knock.
 */
export { decide, type Decision } from "./decide.ts";
export { defaultPolicyText } from "./default-policy.ts";
export { explain, type ExplainOptions } from "./explain.ts";
export { givenFacts, retarget } from "./given-facts.ts";
export { loadPolicy } from "./load.ts";
export type {
  BreakGlassScope,
  DecideOptions,
  FactRecord,
  Lifeline,
  LoadOptions,
  LoadResult,
  Place,
  Policy,
  RuleEntry,
} from "./policy.ts";
export { type Audience, audiences } from "./audience.ts";
export { type Judged, type Revealed, type RevealOptions, reveal } from "./reveal.ts";
export { runTests } from "./run-tests.ts";
export { parsePolicy } from "./parse-policy.ts";
export { type Attribute, type AttributeClass, type AttributeGroup, type AttributeTable, vocabulary } from "./vocabulary.ts";
export { type AttributeValue, parseAttributeValue } from "./attribute-value.ts";
export { canonicalHost, type CanonicalHost } from "./expression/index.ts";
export { revealsTo } from "./reveals-to.ts";
