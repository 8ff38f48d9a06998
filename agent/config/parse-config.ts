import { type ConfigFile, configFileSchema, type Problem } from "../contract/index.ts";
import { buildConfig } from "./build-config.ts";
import type { Config } from "./config.ts";
import { crossCheck } from "./cross-checks.ts";
import { findUnserved } from "./not-yet.ts";
import { problemAt, type Source } from "./problem-at.ts";
import { describeIssue, type PlacedMistake } from "./schema-mistakes.ts";
import { parseYaml, type YamlTree } from "./yaml-tree.ts";

/** A configuration and warnings about it, or all that is wrong with the text. Exactly one of the two. */
export type ParsedConfig =
  | { readonly config: Config; readonly problems: readonly Problem[] }
  | { readonly config?: undefined; readonly problems: readonly Problem[] };

/** A text whose form is right; what it says may still not fit together. */
export interface ReadFile {
  readonly file: ConfigFile;
  readonly source: Source;
  /** Where in the text a mistake stands. */
  readonly place: (mistake: PlacedMistake) => Problem;
}

/** Check a configuration text. Pure, never throws, and reports everything that is wrong at once, in the order of the file. */
export function parseConfig(text: string, file: string): ParsedConfig {
  const read = readConfigFile({ text, file });
  return "problems" in read ? read : finishConfig(read, []);
}

/** The second half: what fits together, what is served, and what the caller found out about the files that it names. */
export function finishConfig({ file, source, place }: ReadFile, found: readonly PlacedMistake[]): ParsedConfig {
  const problems = inOrder([...findUnserved(file), ...crossCheck(file), ...found].map(place));
  if (problems.some(({ severity }) => severity === "error")) return { problems };
  return { config: buildConfig(file, { text: source.text, path: source.file }), problems };
}

/** The first half: YAML and schema. */
export function readConfigFile(source: Source): ReadFile | { readonly problems: readonly Problem[] } {
  const parsed = parseYaml(source);
  if ("problems" in parsed) return parsed;
  const { tree } = parsed;
  const place = (mistake: PlacedMistake): Problem => problemAt(source, rangeOf(tree, mistake), mistake);
  const checked = configFileSchema.safeParse(tree.value);
  if (checked.success) return { file: checked.data, source, place };
  const mistakes = checked.error.issues.flatMap((issue) => describeIssue(issue, tree.value));
  return { problems: inOrder(mistakes.map(place)) };
}

function rangeOf(tree: YamlTree, { path, at }: PlacedMistake): readonly [number, number] {
  return at === "key" ? tree.keyPlaceOf(path) : tree.placeOf(path);
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((left, right) => left.line - right.line || left.column - right.column);
}

/** What runs when there is no file: the current user's own traffic by one port, straight out, recorded. */
export function builtInConfig(): Config {
  return buildConfig(configFileSchema.parse({}), { text: "" });
}

/** `file:line:column: code: message`, then the excerpt and the hint: how problems look in a terminal. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, code, severity, message, excerpt, hint } = problem;
  const head = `${file}:${line}:${column}: ${severity === "warning" ? "warning " : ""}${code}: ${message}`;
  const body = excerpt === undefined ? [] : excerpt.split("\n").map((row) => `    ${row}`);
  return [head, ...body, ...(hint === undefined ? [] : [`  hint: ${hint}`])].join("\n");
}
