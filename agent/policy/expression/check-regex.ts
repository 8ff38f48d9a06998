import { RE2JS, RE2JSException } from "re2js";
import { judge, type Judgement, refuse, type Scope } from "./judgement.ts";
import { limits } from "./limits.ts";
import { linearMatcher } from "./linear-regex.ts";
import type { Expression } from "./syntax.ts";
import { accepts } from "./function-definition.ts";
import { formatType, types } from "./value-type.ts";

interface Match {
  readonly subject: Expression;
  readonly pattern: Expression | undefined;
  /** `=~` must match the whole text, `matches()` some part of it (CEL). */
  readonly whole: boolean;
}

/** `text =~ /pattern/` and `text.matches("pattern")`. The pattern is a literal: it is compiled, and its cost known, at load. */
export function checkRegex(expression: Expression, { subject, pattern, whole }: Match, scope: Scope): Judgement | undefined {
  const item = scope.check(subject, scope);
  if (pattern === undefined || (pattern.kind !== "regex" && pattern.kind !== "string")) {
    return refuse(scope, pattern ?? expression, ["E_REGEX", "a regular expression must be written out", "write text =~ /pattern/"]);
  }
  if (item === undefined) return undefined;
  if (!accepts("string", item.node.type)) {
    return refuse(scope, subject, ["E_TYPE", `a regular expression looks at a string or host, this is ${formatType(item.node.type)}`]);
  }
  if (pattern.value.length > limits.regexLength) {
    return refuse(scope, pattern, ["E_LIMIT", `a regular expression may have at most ${limits.regexLength} characters`]);
  }
  const compiled = compile(pattern.value);
  if (typeof compiled === "string") return refuse(scope, pattern, ["E_REGEX", `this regular expression is wrong: ${compiled}`]);
  const place = { item: item.node, type: types.bool, offset: expression.offset, length: expression.length };
  const test = whole
    ? (linearMatcher(pattern.value) ?? ((text: string) => compiled.testExact(text)))
    : (text: string) => compiled.test(text);
  return judge(
    { kind: "regex", pattern: pattern.value, whole, test, ...place },
    { cost: item.cost + 10 + Math.ceil(pattern.value.length / 10) },
  );
}

/** Repetitions such as `(a{1000}){1000}` multiply; RE2 refuses those that would not fit. */
function compile(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    if (cause instanceof RE2JSException || cause instanceof RangeError) return cause.message;
    throw cause;
  }
}
