import { checkedDuration, checkedInt, checkedTimestamp } from "./arithmetic.ts";
import { formatTimestamp, parseTimestamp } from "./civil-time.ts";
import { formatSeconds, parseDurationText } from "./duration-text.ts";
import { type FunctionDefinition, func } from "./function-definition.ts";
import { canonicalHost } from "./host.ts";
import { parseIp } from "./ip.ts";
import { parseNetwork } from "./network.ts";
import { EvalError } from "./outcome.ts";
import { canonicalVersion } from "./version.ts";

const TEXT_COST = 2;

/** `value`, or an evaluation error that says what the text is not. */
function orError<T>(value: T | undefined, text: string, what: string): T | EvalError {
  return value ?? new EvalError(`'${text.slice(0, 100)}' is no ${what}`);
}

function parseInteger(text: string): number | EvalError {
  return /^[+-]?\d{1,20}$/.test(text) ? checkedInt(Number(text)) : new EvalError(`'${text.slice(0, 100)}' is no int`);
}

function parseDouble(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  const word = /^([+-]?)(?:(inf|infinity)|nan)$/i.exec(text);
  if (word === null) return undefined;
  if (word[2] === undefined) return Number.NaN;
  return word[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The spellings that CEL's `bool(string)` knows. */
const BOOLS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((word) => [word, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((word) => [word, false] as const),
]);

function formatDouble(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

/** `int(x)`, `string(x)` and their like; a type converts to itself too. */
export const conversionFunctions: readonly FunctionDefinition[] = [
  func("bool", ["bool"]).gives("bool", (value) => value),
  func("bool", ["string"]).gives("bool", (text) => orError(BOOLS.get(text), text, "bool"), TEXT_COST),
  func("int", ["int"]).gives("int", (value) => value),
  func("int", ["double"]).gives("int", (value) => checkedInt(Math.trunc(value))),
  func("int", ["string"]).gives("int", parseInteger, TEXT_COST),
  func("int", ["timestamp"]).gives("int", (ms) => Math.floor(ms / 1000)),
  func("double", ["double"]).gives("double", (value) => value),
  func("double", ["int"]).gives("double", (value) => value),
  func("double", ["string"]).gives("double", (text) => orError(parseDouble(text), text, "double"), TEXT_COST),
  func("string", ["string"]).gives("string", (text) => text),
  func("string", ["int"]).gives("string", (value) => String(value), TEXT_COST),
  func("string", ["double"]).gives("string", formatDouble, TEXT_COST),
  func("string", ["bool"]).gives("string", (value) => String(value)),
  func("string", ["timestamp"]).gives("string", formatTimestamp, TEXT_COST),
  func("string", ["duration"]).gives("string", formatSeconds, TEXT_COST),
  func("string", ["ip"]).gives("string", (text) => text),
  func("string", ["version"]).gives("string", (text) => text),
  func("string", ["cidr"]).gives("string", (network) => network.text),
  func("timestamp", ["timestamp"]).gives("timestamp", (ms) => ms),
  func("timestamp", ["int"]).gives("timestamp", (seconds) => checkedTimestamp(seconds * 1000)),
  func("timestamp", ["string"]).gives("timestamp", readTimestamp, TEXT_COST),
  func("duration", ["duration"]).gives("duration", (ms) => ms),
  func("duration", ["string"]).gives("duration", readDuration, TEXT_COST),
  func("host", ["host"]).gives("host", (text) => text),
  func("host", ["string"]).gives("host", (text) => orError(canonicalHost(text)?.value, text, "host"), TEXT_COST),
  func("version", ["version"]).gives("version", (text) => text),
  func("version", ["string"]).gives("version", (text) => orError(canonicalVersion(text), text, "version"), TEXT_COST),
  func("ip", ["ip"]).gives("ip", (text) => text),
  func("ip", ["string"]).gives("ip", (text) => orError(parseIp(text)?.text, text, "IP address"), TEXT_COST),
  func("cidr", ["cidr"]).gives("cidr", (network) => network),
  func("cidr", ["string"]).gives("cidr", (text) => orError(parseNetwork(text), text, "network"), TEXT_COST),
];

function readTimestamp(text: string): number | EvalError {
  const ms = orError(parseTimestamp(text), text, "RFC 3339 timestamp");
  return typeof ms === "number" ? checkedTimestamp(ms) : ms;
}

function readDuration(text: string): number | EvalError {
  const ms = orError(parseDurationText(text), text, "duration");
  return typeof ms === "number" ? checkedDuration(ms) : ms;
}
