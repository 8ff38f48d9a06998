import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { Action } from "../command.ts";
import { readGivenFacts } from "../given-facts.ts";
import { readPolicyFile } from "../policy-files.ts";
import { printExplanation } from "../print-explanation.ts";
import { printProblems } from "../print-problems.ts";
import { readRequestWords } from "../request-words.ts";

export const explainPolicy: Action = async (words, world) => {
  const { explain, givenFacts, loadPolicy } = await import("../../policy/index.ts");
  const { systemFiles } = await import("../../config/index.ts");
  const [file = ""] = words.operands;
  const request = readRequestWords(words);
  const hash = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");
  const readSet = (reference: string) => systemFiles.readSet(resolve(world.cwd, file), reference);
  const { policy, problems } = loadPolicy(await readPolicyFile(file, world), { file, hash, readSet });
  if (policy === undefined) {
    if (words.has("json")) world.printJson({ problems });
    else await printProblems(problems, world);
    return 2;
  }
  return printExplanation(explain(policy, givenFacts(readGivenFacts(request, policy))), words, world);
};
