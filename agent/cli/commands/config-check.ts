import { resolve } from "node:path";
import type { Action } from "../command.ts";
import { printProblems } from "../print-problems.ts";
import { AgentError } from "../../base/index.ts";

/** The agent's own loading, so that what passes here starts there. */
export const checkConfig: Action = async (words, world) => {
  const { loadSnapshot, systemFiles } = await import("../../config/index.ts");
  const configPath = resolve(world.cwd, words.operands[0] ?? "");
  const loaded = await loadSnapshot({ configPath, files: systemFiles, clock: world.clock });
  const problems = loaded.kind === "loaded" ? loaded.snapshot.problems : loaded.problems;
  const ok = loaded.kind === "loaded";
  if (!ok && problems.length === 0) throw new AgentError(loaded.code, loaded.detail);
  if (words.has("json")) {
    world.printJson({ ok, problems });
  } else {
    await printProblems(problems, world);
    if (ok) world.print(`${words.operands[0]} is right.`);
  }
  return ok ? 0 : 2;
};
