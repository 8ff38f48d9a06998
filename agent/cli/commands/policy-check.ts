import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { Action } from "../command.ts";
import { readPolicyFile } from "../policy-files.ts";
import { hasErrors, printProblems } from "../print-problems.ts";

/** All files are looked at, however wrong the first one is. */
export const checkPolicies: Action = async (words, world) => {
  const { loadPolicy } = await import("../../policy/index.ts");
  const { systemFiles } = await import("../../config/index.ts");
  const reports = [];
  for (const file of words.operands) {
    const text = await readPolicyFile(file, world);
    const readSet = (reference: string) => systemFiles.readSet(resolve(world.cwd, file), reference);
    const { policy, problems } = loadPolicy(text, { file, hash: sha256, readSet });
    reports.push({
      file,
      ok: policy !== undefined && !hasErrors(problems),
      rules: policy?.rules.length ?? 0,
      tests: policy?.tests ?? 0,
      problems,
    });
  }
  if (words.has("json")) world.printJson(reports);
  for (const { file, ok, rules, tests, problems } of words.has("json") ? [] : reports) {
    await printProblems(problems, world);
    if (ok) world.print(`${file} is right: ${rules} rules, ${tests} tests.`);
  }
  return reports.every(({ ok }) => ok) ? 0 : 2;
};

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
