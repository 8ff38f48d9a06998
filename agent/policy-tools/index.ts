/**
 * Tools for people who write policy: one layout, what tests cover, what they would miss, what a change opens and closes, what a policy
 * costs, and reading files of the original grammar. Pure like `policy`: texts in, findings out; it decides no connection and does no I/O.
 * `cli`, `calls` and `main` may knock.
 */
export { type Formatted, formatPolicy } from "./format/format-policy.ts";
export { type DiffClass, type DiffOptions, diffPolicies, type DiffSide, type PolicyDiff } from "./diff/diff-policies.ts";
export type { ExampleFact } from "./diff/describe-request.ts";
export { readTraffic, type TrafficRequest } from "./diff/traffic.ts";
export type { ChangeKind } from "./diff/verdict-change.ts";
export {
  type Coverage,
  type Directions,
  measureCoverage,
  type RequirementCoverage,
  type RuleCoverage,
} from "./coverage/measure-coverage.ts";
export { joinTests, type JoinedTests } from "./mutate/join-tests.ts";
export { type MutationOptions, type MutationReport, runMutations, type Survivor } from "./mutate/run-mutations.ts";
export { type Instruments, measurePolicy, type MeasureOptions, type PolicyCost, type RuleCost } from "./bench/measure-policy.ts";
export { type Imported, importOriginal } from "./importer/import-policy.ts";
export type { ImportNote } from "./importer/import-notes.ts";
