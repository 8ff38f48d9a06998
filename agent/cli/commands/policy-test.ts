import { resolve } from "node:path";
import type { PolicyReport } from "../../contract/index.ts";
import type { Coverage, MutationReport } from "../../policy-tools/index.ts";
import type { Action } from "../command.ts";
import { hasErrors, printProblems } from "../print-problems.ts";
import { printCoverage, printMutations } from "../print-test-quality.ts";
import { printable } from "../printable.ts";
import { type SourceFile, withTests } from "../with-tests.ts";
import { UsageMistake } from "../usage-mistake.ts";
import type { Words } from "../words.ts";
import type { World } from "../world.ts";

type Report = PolicyReport & {
  readonly file: string;
  readonly coverage?: Coverage;
  readonly mutations?: MutationReport;
};

/** Ends with 2 when a file is wrong, with 1 when one of its tests fails or the mutation score is below what was asked for. */
export const testPolicies: Action = async (words, world) => {
  if (words.value("tests") !== undefined && words.operands.length > 1) throw new UsageMistake("--tests goes with one policy file");
  const minimum = words.integer("min-score", { min: 0, max: 100 });
  const reports: Report[] = [];
  for (const file of words.operands) reports.push(await testFile(file, words, world));
  if (words.has("json")) world.printJson(reports);
  else for (const report of reports) await printReport(report, world);
  if (reports.some(({ problems }) => hasErrors(problems))) return 2;
  return reports.every((report) => report.ok && isGoodEnough(report, minimum)) ? 0 : 1;
};

async function testFile(file: string, words: Words, world: World): Promise<Report> {
  const { checkPolicy, systemFiles } = await import("../../config/index.ts");
  const path = resolve(world.cwd, file);
  const source = await withTests(file, words.value("tests"), world);
  const checked = checkPolicy(source.text, { source: path, files: systemFiles });
  const { report } = checked;
  const placed: Report = {
    file,
    ...report,
    problems: report.problems.map((problem) => ({ ...problem, ...source.placeOf(problem.line) })),
    tests: report.tests.map((test) => ({ ...test, ...source.placeOf(test.line) })),
  };
  return "policy" in checked ? { ...placed, ...(await judgeTests(source, path, { words, world })) } : placed;
}

/** How good the tests are: asked only of tests that pass. */
async function judgeTests(
  source: SourceFile,
  path: string,
  { words, world }: { readonly words: Words; readonly world: World },
): Promise<Pick<Report, "coverage" | "mutations">> {
  if (!words.has("coverage") && !words.has("mutate")) return {};
  const { systemFiles, checkPolicy } = await import("../../config/index.ts");
  const { loadPolicy } = await import("../../policy/index.ts");
  const { measureCoverage, runMutations } = await import("../../policy-tools/index.ts");
  const checked = checkPolicy(source.text, { source: path, files: systemFiles });
  if (!("policy" in checked)) return {};
  const { policy } = checked;
  const load = (text: string) =>
    loadPolicy(text, { file: path, hash: () => "", readSet: (reference) => systemFiles.readSet(path, reference) });
  return {
    ...(words.has("coverage") && { coverage: measureCoverage(policy) }),
    ...(words.has("mutate") && { mutations: runMutations(policy, { load, onProgress: progressOf(world) }) }),
  };
}

/** A large policy takes minutes: a remark now and then, for people. */
function progressOf(world: World): (done: number, total: number) => void {
  const { isTerminal, clock } = world;
  let next = clock.monotonic() + remarkEveryMs;
  return (done, total) => {
    if (!isTerminal || clock.monotonic() < next) return;
    next = clock.monotonic() + remarkEveryMs;
    world.remark(`${done} of ${total} mutants judged`);
  };
}

const remarkEveryMs = 5000;

function isGoodEnough({ mutations }: Report, minimum: number | undefined): boolean {
  return minimum === undefined || mutations === undefined || mutations.scoreOfDifferent * 100 >= minimum;
}

async function printReport(report: Report, world: World): Promise<void> {
  const { paint } = world;
  await printProblems(report.problems, world);
  for (const test of report.tests) {
    const mark = test.passed ? paint.good("ok  ") : paint.bad("FAIL");
    const { file = report.file } = test as { readonly file?: string };
    world.print(`${mark} ${file}:${test.line}: ${printable(test.name)}`);
    for (const failure of test.failures) world.print(`       ${printable(failure)}`);
  }
  if (hasErrors(report.problems)) return;
  const failed = report.tests.filter((test) => !test.passed).length;
  const verdict = failed === 0 ? paint.good("all pass") : paint.bad(`${failed} fail`);
  world.print(`${report.file}: ${report.tests.length} tests, ${verdict}.`);
  if (report.coverage !== undefined) printCoverage(report.coverage, world);
  if (report.mutations !== undefined) printMutations(report.file, report.mutations, world);
}
