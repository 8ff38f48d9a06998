/**
 * Expressions: a typed profile of CEL. Text -> `parseExpression` -> `checkExpression` -> `compileExpression` -> a function
 * of a frame. Also the canonical form of hosts, addresses, networks and versions, which everything that compares or
 * dials must share. It is not the block language, knows no rules, and does no I/O. `agent/policy` knocks; `agent/main`
 * hands the host and address functions to listeners and dial.
 */
export { type CheckResult, checkExpression } from "./check-expression.ts";
export { describeFunctions } from "./check-call.ts";
export { compileExpression } from "./compile-expression.ts";
export { type AttributeDeclaration, type Environment, MapEnvironment, type NamedSet } from "./environment.ts";
export type { Evaluate, Frame } from "./evaluate.ts";
export { admitValue, valueOfFact } from "./fact-value.ts";
export { createFactFrame, LazyFrame } from "./frame.ts";
export { type CanonicalHost, canonicalHost } from "./host.ts";
export { formatExpression, formatStringLiteral } from "./format-expression.ts";
export { createHostMatcher, type HostMatcher } from "./host-matcher.ts";
export { formatHostPattern, type HostPattern, type ParsedHostPattern, parseHostPattern } from "./host-pattern.ts";
export { type IpAddress, parseIp } from "./ip.ts";
export { limits } from "./limits.ts";
export { necessaryHosts } from "./necessary-hosts.ts";
export { createNetMatcher, type NetMatcher, parseNetPattern } from "./net-matcher.ts";
export { Network, parseNetwork } from "./network.ts";
export { Absent, EvalError, isTrouble, type Outcome, type Trouble, Unknown, type Value } from "./outcome.ts";
export { parseExpression, parseWholeExpression } from "./parse-expression.ts";
export { isReservedWord } from "./parse-operand.ts";
export { parseType } from "./parse-type.ts";
export type { ExpressionCode, Problem, Span } from "./problem.ts";
export { attributesOf, type References, referencesOf } from "./references.ts";
export { SlotTable } from "./slot-table.ts";
export { type BinaryOperator, type Expression, type MapEntry, pathOf } from "./syntax.ts";
export { type Comment, describeToken, type Token } from "./token.ts";
export { lex, type Mark, TokenStream } from "./token-stream.ts";
export type { CheckedExpression, Typed } from "./typed.ts";
export { formatType, listOf, mapOf, plainTypeNames, type Type, types } from "./value-type.ts";
export { formatDurationLiteral } from "./duration-text.ts";
