import type { Problem } from "../contract/index.ts";
import { printableLines } from "./printable.ts";
import type { World } from "./world.ts";

/** Mistakes with their places, as `file:line:column`, each with its excerpt and hint. */
export async function printProblems(problems: readonly Problem[], world: World): Promise<void> {
  const { formatProblem } = await import("../config/index.ts");
  for (const problem of problems) world.print(printableLines(formatProblem(problem)));
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === "error");
}
