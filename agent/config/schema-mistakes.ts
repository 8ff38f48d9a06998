import type { z } from "zod";
import { knownKeysAt, schemasAt, valueAt } from "./config-schema.ts";
import { nearestWord } from "./nearest-word.ts";
import type { Mistake } from "./problem-at.ts";
import type { Path } from "./yaml-tree.ts";

type Issue = z.core.$ZodIssue;

/** A mistake and the path it is about; `at` says whether the key or the value is the offender. */
export interface PlacedMistake extends Mistake {
  readonly path: Path;
  readonly at: "key" | "value";
}

/** What the schema library found, in sentences of ours: the place, what it must be, what it is, and what was perhaps meant. */
export function describeIssue(issue: Issue, whole: unknown): readonly PlacedMistake[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...issue.path, key], whole));
  if (issue.code === "invalid_key") return [badName(issue, whole)];
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const best = deepestBranch(issue.errors);
    return best.flatMap((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, whole));
  }
  return [wrongValue(issue, whole)];
}

function unknownKey(path: Path, whole: unknown): PlacedMistake {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const known = knownKeysAt(parent, whole);
  const meant = nearestWord(key, known);
  const hint = meant === undefined ? `known here: ${known.join(", ")}` : `did you mean \`${meant}\`?`;
  return {
    path,
    at: "key",
    code: "E_UNKNOWN_KEY",
    message: `unknown key \`${key}\`${parent.length === 0 ? "" : ` in ${formatPath(parent)}`}`,
    hint,
  };
}

function badName(issue: Extract<Issue, { code: "invalid_key" }>, whole: unknown): PlacedMistake {
  const form = issue.issues[0]?.message ?? "a name";
  const value = valueAt(issue.path.slice(0, -1), whole);
  const where = typeof value === "object" ? ` in ${formatPath(issue.path.slice(0, -1))}` : "";
  return { path: issue.path, at: "key", code: "E_NAME", message: `\`${String(issue.path.at(-1))}\`${where} must be ${form}` };
}

/** Of alternatives, the one that went furthest: `users: [self, 3]` was meant as a list. */
function deepestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (branch: readonly Issue[]): number => Math.max(...branch.map((issue) => issue.path.length + (isTypeOf(issue) ? 0 : 0.5)));
  return branches.reduce((best, branch) => (depth(branch) > depth(best) ? branch : best), branches[0] ?? []);
}

function isTypeOf(issue: Issue): boolean {
  return issue.code === "invalid_type";
}

function wrongValue(issue: Issue, whole: unknown): PlacedMistake {
  const { path } = issue;
  const value = valueAt(path, whole);
  const where = formatPath(path);
  const expected = expectationOf(issue);
  if (value === undefined) {
    return { path, at: "value", code: "E_MISSING_KEY", message: `${where} is missing`, hint: `it must be ${expected}` };
  }
  if (isSecretAt(path, whole)) return wrongSecret(path, value);
  return {
    path,
    at: "value",
    code: "E_VALUE",
    message: `${where} must be ${expected}, not ${formatValue(value)}`,
    hint: hintFor(value, issue, whole),
  };
}

/** SECURITY: what stands where a reference should be may be the secret itself, so it is never repeated. */
function wrongSecret(path: Path, value: unknown): PlacedMistake {
  const where = formatPath(path);
  const hint = "put the secret into a file that only you can read and write `file:` and its path here";
  const isEnvironment = typeof value === "string" && value.startsWith("env:");
  const message = isEnvironment
    ? `${where} may not come from the environment: every program of the same user can read it there`
    : `${where} must be a reference such as file:secrets/token, not the secret itself`;
  return { path, at: "value", code: "E_SECRET", message, hint };
}

function isSecretAt(path: Path, whole: unknown): boolean {
  return schemasAt(path, whole).some((schema) => schema.writeOnly === true);
}

/** Completes "must be …". */
function expectationOf(issue: Issue): string {
  const words = wordsOf(issue);
  if (words !== undefined) return words.length === 1 ? `\`${words[0]}\`` : `one of ${words.join(", ")}`;
  if (issue.code === "too_small" && issue.origin === "array") return "a list with at least one item";
  if (issue.code === "too_small") return `at least ${issue.minimum}`;
  if (issue.code === "too_big") return issue.origin === "array" ? `a list of at most ${issue.maximum} items` : `at most ${issue.maximum}`;
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input")) return TYPES[issue.expected] ?? issue.expected;
  return issue.message;
}

const TYPES: Readonly<Record<string, string>> = {
  object: "a map of keys and values",
  record: "a map of names",
  array: "a list",
  string: "a text",
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
};

/** The words that were possible, where there is such a list. */
function wordsOf(issue: Issue): readonly string[] | undefined {
  if (issue.code === "invalid_value") return issue.values.map(String);
  const options: unknown = issue.code === "invalid_union" ? Reflect.get(issue, "options") : undefined;
  return Array.isArray(options) ? options.map(String) : undefined;
}

function hintFor(value: unknown, issue: Issue, whole: unknown): string | undefined {
  if (value === null) return `write a value behind ${formatPath(issue.path)}:, or remove the line`;
  if (typeof value === "number") return hintForNumber(value, issue.message);
  if (typeof value !== "string") return undefined;
  const meant = nearestWord(value, wordsOf(issue) ?? []);
  if (meant !== undefined) return `did you mean \`${meant}\`?`;
  const takesList = schemasAt(issue.path, whole).some(({ type }) => type === "array");
  return takesList && issue.code === "invalid_value" ? `a list is written [${value}]` : undefined;
}

function hintForNumber(value: number, form: string): string | undefined {
  if (form.startsWith("a duration")) return `write the unit: ${value}s`;
  return form.startsWith("an address such as 127") ? `write the address, too: 127.0.0.1:${value}` : undefined;
}

/** `listeners.local.listen[1]`; the top of the file is "the file". */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) text += typeof step === "number" ? `[${step}]` : `${text === "" ? "" : "."}${String(step)}`;
  return text === "" ? "the file" : text;
}

export function formatValue(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…"` : text;
}
