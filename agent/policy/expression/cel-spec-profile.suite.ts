import type { IncrementalTest } from "@bufbuild/cel-spec/testdata/tests.js";

/**
 * Which conformance tests of CEL this language does not promise to pass, and why. Reviewed by hand: a test that is left
 * out here is one whose meaning the profile gives up on purpose (docs: the expression profile), never one that happens to fail.
 *
 * The judgement rests on the test alone: its text, and the types that the reference implementation (cel-go) gave to each
 * part of it. It never asks our own engine.
 */
export interface Exclusion {
  readonly why: string;
  readonly holds: (test: IncrementalTest) => boolean;
}

/** The types of the profile, as cel-go writes them. */
const PROFILE_TYPES: ReadonlySet<string> = new Set(["bool", "int", "double", "string", "timestamp", "duration", "list", "map"]);

/** `[]~list(dyn)` is how cel-go types an empty literal; `dyn` in it is no value of that type. */
const EMPTY_LITERALS = /\[\]~list\(dyn\)|\{\}~map\(dyn, dyn\)/g;

/** `~map(string, list(int))`; a dotted message name shows by its first part, and `~string.size()` is a call on a string. */
const TYPE = /~([A-Za-z_]\w*(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?)/g;

/** Every type name behind a `~` in cel-go's checked tree, without the contents of string literals. */
function typeNamesOf(test: IncrementalTest): readonly string[] {
  const tree = (test.checkedAst ?? "").replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(EMPTY_LITERALS, "");
  return [...tree.matchAll(TYPE)].flatMap(([, type = ""]) => type.match(/[A-Za-z_]\w*/g) ?? []);
}

/** The text without string literals, so that a word in quotes is no use of a feature. */
function codeOf(test: IncrementalTest): string {
  return test.original.expr.replaceAll(/[rR]?("""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/g, '""');
}

function codeHas(pattern: RegExp): (test: IncrementalTest) => boolean {
  return (test) => pattern.test(codeOf(test));
}

function expectsValue(test: IncrementalTest): boolean {
  return test.original.resultMatcher.case !== "evalError" && test.original.resultMatcher.case !== "anyEvalErrors";
}

const UNSAFE_NUMBER = (text: string): boolean => /^\d+$/.test(text) && !Number.isSafeInteger(Number(text));

/** The first that holds is the reason. */
export const exclusions: readonly Exclusion[] = [
  { why: "bytes are not in the profile", holds: codeHas(/\b[bB][rR]?""|\b[rR][bB]""|\bbytes\(/) },
  { why: "unsigned integers are not in the profile", holds: codeHas(/\b(?:\d+|0[xX][0-9a-fA-F]+)[uU]\b|\buint\(/) },
  { why: "there is no dyn: every expression has a type at load", holds: codeHas(/\bdyn\(/) },
  { why: "there is no null; has() and ?? speak of absence", holds: codeHas(/\bnull(?:_type)?\b/) },
  {
    why: "types are no values",
    holds: codeHas(/\btype\(|^\s*(?:bool|int|uint|double|string|bytes|list|map|type|null_type)\s*$|google\.protobuf/),
  },
  { why: "there are no protocol buffer messages", holds: codeHas(/[A-Za-z_]\s*\{|TestAllTypes|GlobalEnum|NestedEnum|\bproto\./) },
  { why: "optional values of the CEL extension are not in the profile", holds: codeHas(/\?\.|\[\?|\{\?|\boptional\.|\.orValue\(|\.or\(/) },
  {
    why: "the math, encoders, bindings and block extensions are not in the profile",
    holds: codeHas(/\bmath\.|\bbase64\.|\bcel\.(?:bind|block|index|iterVar|accuVar)\b/),
  },
  {
    why: "the two-variable macros of the comprehensions extension are not in the profile",
    holds: codeHas(/\.(?:all|exists|existsOne|transformList|transformMap|transformMapEntry)\(\s*\w+\s*,\s*\w+\s*,/),
  },
  { why: "format() and quote() of the strings extension are not in the profile", holds: codeHas(/\.format\(|\bstrings\.quote\(/) },
  {
    why: "names are resolved at load in one flat vocabulary, without containers",
    holds: (test) => test.original.container !== "" || /(?:^|[^\w)\]}"`\s])\s*\.[A-Za-z_]/.test(codeOf(test)),
  },
  {
    why: "a test brings a function of its own",
    holds: (test) => test.original.typeEnv.some(({ declKind }) => declKind.case === "function"),
  },
  {
    why: "cel-go runs it only without its type checker, and the profile always checks",
    holds: (test) => test.type === undefined && expectsValue(test),
  },
  { why: "a part has a type outside the profile", holds: (test) => typeNamesOf(test).some((name) => !PROFILE_TYPES.has(name)) },
  {
    why: "int is limited to ±(2^53−1)",
    holds: (test) => expectsValue(test) && (codeOf(test).match(/\d+/g) ?? []).some(UNSAFE_NUMBER),
  },
  {
    why: "times have a resolution of one millisecond",
    holds: (test) =>
      /\.\d{4,9}Z|\d(?:ns|us)\b/.test(test.original.expr) &&
      /timestamp|duration/.test(test.original.expr) &&
      !/getMilliseconds/.test(test.original.expr),
  },
];

/** Why a test is outside the profile; `undefined` for one that must pass. */
export function exclusionOf(test: IncrementalTest): string | undefined {
  return exclusions.find(({ holds }) => holds(test))?.why;
}
