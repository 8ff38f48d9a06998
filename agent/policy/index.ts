/**
 * The policy language: text -> tree -> checked rules -> verdict, explanation, and what each audience may see of it.
 * Pure: no I/O, no clock, no randomness; files and hashes arrive as arguments. It fetches no fact and dials nothing.
 * `config` (to check files), `policy-tools`, `lsp` and `main` may knock.
 */
export { type AttributeValue, parseAttributeValue } from "./attribute-value.ts";
export { attributesOf } from "./attributes-of.ts";
export { type Audience, audiences } from "./audience.ts";
export { type Decision, decide } from "./decide.ts";
export { defaultPolicyText } from "./default-policy.ts";
export { explain, type ExplainOptions } from "./explain.ts";
export {
  type CanonicalHost,
  canonicalHost,
  type Comment,
  describeFunctions,
  type Expression,
  formatDurationLiteral,
  formatExpression,
  formatStringLiteral,
  formatType,
  lex,
  type HostPattern,
  parseHostPattern,
  parseIp,
  parseNetwork,
  pathOf,
  plainTypeNames,
  type Problem as SyntaxProblem,
  type Span,
  type Token,
  type Type,
} from "./expression/index.ts";
export { givenFacts, retarget } from "./given-facts.ts";
export { loadPolicy } from "./load.ts";
export { type ParsedPolicy, parsePolicy } from "./parse-policy.ts";
export type { BreakGlassScope, DecideOptions, Lifeline, LoadOptions, LoadResult, Place, Policy, RuleEntry } from "./policy.ts";
export { type Judged, type Revealed, type RevealOptions, reveal } from "./reveal.ts";
export { revealsTo } from "./reveals-to.ts";
export type { CompiledCondition, Program } from "./program.ts";
export { factsOfTest, runTests } from "./run-tests.ts";
export {
  type Attribute,
  type AttributeClass,
  attributeClasses,
  type AttributeGroup,
  type AttributeTable,
  vocabulary,
} from "./vocabulary.ts";
export type * from "./tree.ts";
