import { daysMs } from "./civil-time.ts";
import { type FunctionDefinition, operator } from "./function-definition.ts";
import { limits } from "./limits.ts";
import { EvalError } from "./outcome.ts";

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: RFC 3339 can write nothing outside. */
const EARLIEST = daysMs({ year: 1, month: 1, day: 1 });
const LATEST = daysMs({ year: 10_000, month: 1, day: 1 }) - 1;
/** As long as a signed 64-bit count of nanoseconds, which is what other CEL engines hold. */
const LONGEST = 9_223_372_036_854;

const OVERFLOW = new EvalError("the result is outside ±(2^53−1)");
const BY_ZERO = new EvalError("division by zero");

export function checkedInt(value: number): number | EvalError {
  if (!Number.isSafeInteger(value)) return OVERFLOW;
  return value === 0 ? 0 : value;
}

export function checkedDuration(ms: number): number | EvalError {
  return Math.abs(ms) <= LONGEST ? ms : new EvalError("the duration is longer than 292 years");
}

export function checkedTimestamp(ms: number): number | EvalError {
  return ms >= EARLIEST && ms <= LATEST ? ms : new EvalError("the time is outside the years 1 to 9999");
}

export function checkedText(text: string): string | EvalError {
  return text.length <= limits.builtLength ? text : new EvalError(`the text is longer than ${limits.builtLength} characters`);
}

export function checkedList<T>(list: readonly T[]): readonly T[] | EvalError {
  return list.length <= limits.builtEntries ? list : new EvalError(`the list is longer than ${limits.builtEntries} entries`);
}

/** `+ - * / %` for every pair of types that has them; a list joined to a list is the checker's own. */
export const arithmetic: readonly FunctionDefinition[] = [
  operator("+", ["int", "int"]).gives("int", (a, b) => checkedInt(a + b)),
  operator("-", ["int", "int"]).gives("int", (a, b) => checkedInt(a - b)),
  operator("*", ["int", "int"]).gives("int", (a, b) => checkedInt(a * b)),
  operator("/", ["int", "int"]).gives("int", (a, b) => (b === 0 ? BY_ZERO : checkedInt(Math.trunc(a / b)))),
  operator("%", ["int", "int"]).gives("int", (a, b) => (b === 0 ? BY_ZERO : checkedInt(a % b))),
  operator("-", ["int"]).gives("int", (a) => checkedInt(-a)),
  operator("+", ["double", "double"]).gives("double", (a, b) => a + b),
  operator("-", ["double", "double"]).gives("double", (a, b) => a - b),
  operator("*", ["double", "double"]).gives("double", (a, b) => a * b),
  operator("/", ["double", "double"]).gives("double", (a, b) => a / b),
  operator("-", ["double"]).gives("double", (a) => -a),
  operator("+", ["string", "string"]).gives("string", (a, b) => checkedText(a + b), 2),
  operator("+", ["duration", "duration"]).gives("duration", (a, b) => checkedDuration(a + b)),
  operator("-", ["duration", "duration"]).gives("duration", (a, b) => checkedDuration(a - b)),
  operator("-", ["duration"]).gives("duration", (a) => checkedDuration(-a)),
  operator("+", ["timestamp", "duration"]).gives("timestamp", (a, b) => checkedTimestamp(a + b)),
  operator("+", ["duration", "timestamp"]).gives("timestamp", (a, b) => checkedTimestamp(a + b)),
  operator("-", ["timestamp", "duration"]).gives("timestamp", (a, b) => checkedTimestamp(a - b)),
  operator("-", ["timestamp", "timestamp"]).gives("duration", (a, b) => checkedDuration(a - b)),
];
