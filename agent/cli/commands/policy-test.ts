import { resolve } from "node:path";
import type { PolicyReport } from "../../contract/index.ts";
import type { Action } from "../command.ts";
import { readPolicyFile } from "../policy-files.ts";
import { hasErrors, printProblems } from "../print-problems.ts";
import { printable } from "../printable.ts";
import type { World } from "../world.ts";

/** Ends with 2 when a file is wrong, with 1 when one of its tests fails. */
export const testPolicies: Action = async (words, world) => {
  const { checkPolicy, systemFiles } = await import("../../config/index.ts");
  const reports: (PolicyReport & { readonly file: string })[] = [];
  for (const file of words.operands) {
    const path = resolve(world.cwd, file);
    const { report } = checkPolicy(await readPolicyFile(file, world), { source: path, files: systemFiles });
    reports.push({ file, ...report, problems: report.problems.map((problem) => ({ ...problem, file })) });
  }
  if (words.has("json")) world.printJson(reports);
  else for (const report of reports) await printReport(report, world);
  if (reports.some(({ problems }) => hasErrors(problems))) return 2;
  return reports.every(({ ok }) => ok) ? 0 : 1;
};

async function printReport(report: PolicyReport & { readonly file: string }, world: World): Promise<void> {
  const { paint } = world;
  await printProblems(report.problems, world);
  for (const test of report.tests) {
    const mark = test.passed ? paint.good("ok  ") : paint.bad("FAIL");
    world.print(`${mark} ${report.file}:${test.line}: ${printable(test.name)}`);
    for (const failure of test.failures) world.print(`       ${printable(failure)}`);
  }
  if (hasErrors(report.problems)) return;
  const failed = report.tests.filter((test) => !test.passed).length;
  const verdict = failed === 0 ? paint.good("all pass") : paint.bad(`${failed} fail`);
  world.print(`${report.file}: ${report.tests.length} tests, ${verdict}.`);
}
