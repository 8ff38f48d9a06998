import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Problem } from "../../contract/index.ts";
import type { Action } from "../command.ts";
import { loadPolicyFile } from "../load-policy-file.ts";
import { printProblems } from "../print-problems.ts";
import { UsageMistake } from "../usage-mistake.ts";
import type { Words } from "../words.ts";
import type { World } from "../world.ts";

interface Report {
  readonly file: string;
  readonly ok: boolean;
  readonly changed: boolean;
  readonly problems: readonly Problem[];
}

/** Ends with 2 when a file cannot be read as a policy (it is left alone), with 1 when `--check` finds one in another layout. */
export const formatPolicies: Action = async (words, world) => {
  if (words.has("check") && words.has("stdout")) throw new UsageMistake("--check and --stdout do not go together");
  const reports: Report[] = [];
  for (const file of words.operands) reports.push(await formatFile(file, words, world));
  if (words.has("json")) world.printJson(reports);
  else for (const report of reports) await tell(report, words, world);
  if (reports.some(({ ok }) => !ok)) return 2;
  return words.has("check") && reports.some(({ changed }) => changed) ? 1 : 0;
};

async function formatFile(file: string, words: Words, world: World): Promise<Report> {
  const { formatPolicy } = await import("../../policy-tools/index.ts");
  const { text, problems } = await loadPolicyFile(file, world);
  const result = formatPolicy(text);
  if (result.kind === "refused") return { file, ok: false, changed: false, problems };
  const changed = result.text !== text;
  if (words.has("stdout") && !words.has("json")) world.print(result.text.trimEnd());
  if (changed && !words.has("check") && !words.has("stdout")) await replaceText(resolve(world.cwd, file), result.text);
  return { file, ok: true, changed, problems: [] };
}

async function tell({ file, changed, problems }: Report, words: Words, world: World): Promise<void> {
  await printProblems(problems, world);
  if (changed && words.has("check")) world.print(`${file} is not in the one layout; run: portail policy fmt ${file}`);
  else if (changed && !words.has("stdout")) world.remark(`${file} was written anew`);
}

/** Readers see the old text or the new one; who may read it stays as it was, and a link stays a link. */
async function replaceText(path: string, text: string): Promise<void> {
  const { writeFileAtomically } = await import("../../platform/index.ts");
  const target = await realpath(path);
  const { mode } = await stat(target);
  await writeFileAtomically(target, text, mode & 0o777);
}
