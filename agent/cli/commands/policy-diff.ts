import type { AuditRecord } from "../../contract/index.ts";
import { auditRecordSchema } from "../../contract/index.ts";
import type { DiffClass, PolicyDiff, TrafficRequest } from "../../policy-tools/index.ts";
import type { Action } from "../command.ts";
import { formatRule } from "../connection-rows.ts";
import { loadPolicyFile, tellProblems } from "../load-policy-file.ts";
import { readNamedFile } from "../policy-files.ts";
import { printable } from "../printable.ts";
import { openRecord } from "../record.ts";
import { UsageMistake } from "../usage-mistake.ts";
import type { Words } from "../words.ts";
import type { World } from "../world.ts";

/** Ends with 2 when a file is wrong, with 1 when something opened, or when what `--fail-on` names happened. */
export const diffPolicyFiles: Action = async (words, world) => {
  const [oldFile = "", newFile = ""] = words.operands;
  const before = await loadPolicyFile(oldFile, world);
  const after = await loadPolicyFile(newFile, world);
  if (before.policy === undefined || after.policy === undefined) {
    return tellProblems(
      [before, after].filter(({ policy }) => policy === undefined),
      words,
      world,
    );
  }
  const { diffPolicies } = await import("../../policy-tools/index.ts");
  const limit = words.integer("contexts", { min: 100, max: 10_000_000 });
  const traffic = await readTrafficOf(words, world);
  const diff = diffPolicies(before.policy, after.policy, {
    ...(limit !== undefined && { limit }),
    ...(traffic !== undefined && { traffic }),
  });
  if (words.has("json")) world.printJson(diff);
  else printDiff(diff, world);
  return isFailure(diff, words.value("fail-on")) ? 1 : 0;
};

function isFailure({ classes }: PolicyDiff, failOn: string | undefined): boolean {
  if (failOn === "never") return false;
  if (failOn === "any") return classes.length > 0;
  return classes.some(({ kind }) => kind === (failOn ?? "opens"));
}

async function readTrafficOf(words: Words, world: World): Promise<readonly TrafficRequest[] | undefined> {
  const file = words.value("traffic-file");
  if (!words.has("traffic") && file === undefined) return undefined;
  const { readTraffic } = await import("../../policy-tools/index.ts");
  if (file === undefined) return readTraffic(await recordedVerdicts(world));
  return readTraffic(parseLines(new TextDecoder().decode(await readNamedFile(file, world)), file));
}

/** So many of the newest decisions are looked at. */
const maxRecords = 100_000;
const pageSize = 1000;

async function recordedVerdicts(world: World): Promise<readonly AuditRecord[]> {
  const record = await openRecord(world);
  try {
    const found: AuditRecord[] = [];
    for (let after: number | undefined; found.length < maxRecords; ) {
      const page = await record.query({ kind: "verdict", limit: pageSize, order: "desc", ...(after !== undefined && { after }) });
      found.push(...page.records);
      after = page.records.at(-1)?.seq;
      if (!page.more || after === undefined) break;
    }
    return found;
  } finally {
    record.close();
  }
}

/** Lines of `portail audit export --format jsonl`. */
function parseLines(text: string, file: string): readonly AuditRecord[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const parsed = auditRecordSchema.safeParse(parseJson(line));
    if (parsed.success) return [parsed.data];
    throw new UsageMistake(`${file}:${index + 1} is no record of an audit`, "write it with: portail audit export --format jsonl");
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function printDiff(diff: PolicyDiff, world: World): void {
  const { paint } = world;
  const told = diff.classes.filter(({ kind, parts }) => kind !== "changes" || parts.some((part) => part !== "words"));
  for (const found of told) {
    const title = { opens: paint.bad("OPENS  "), closes: paint.notable("CLOSES "), changes: paint.strong("CHANGES") }[found.kind];
    world.print(`${title} ${printable(describeClass(found))}`);
    world.print(`        ${printable(countOf(found))}`);
    world.print(`        for example: ${printable(found.example.map(({ attribute, value }) => `${attribute}=${value}`).join("  "))}`);
  }
  const silent = diff.classes.length - told.length;
  if (silent > 0) world.print(`${classes(silent)} only told otherwise why (--json lists them).`);
  const looked = diff.requests === undefined ? "" : ` around ${diff.requests} recorded requests`;
  const verdict = told.length === 0 ? "No difference" : `${classes(told.length)} decided otherwise`;
  world.print(`${verdict} in ${diff.contexts} contexts${looked}.`);
}

function classes(count: number): string {
  return count === 1 ? "One class of requests is" : `${count} classes of requests are`;
}

function describeClass({ before, after, parts }: DiffClass): string {
  const [one, other] = [`${before.outcome} by ${formatRule(before.rule)}`, `${after.outcome} by ${formatRule(after.rule)}`];
  return one === other ? `${one}: ${parts.join(", ")}` : `${one} -> ${other}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}

function countOf({ destinations, contexts, requests }: DiffClass): string {
  const count = requests === undefined ? `${contexts} contexts` : `${requests} recorded requests`;
  return `${count}, at ${destinations.join(", ")}`;
}
