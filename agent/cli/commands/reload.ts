import { printProblems } from "../print-problems.ts";
import type { Action } from "../command.ts";
import { printableLines } from "../printable.ts";

export const reloadConfig: Action = async (words, world) => {
  const agent = await world.connect();
  const report = await agent.call("config.reload", {});
  if (words.has("json")) {
    world.printJson(report);
  } else {
    await printProblems(report.problems, world);
    const changes = report.changes.length === 0 ? "Nothing has changed." : report.changes.map((change) => `  ${change}`).join("\n");
    world.print(report.applied ? `Reloaded.\n${printableLines(changes)}` : "Not applied: the last good configuration stays in force.");
  }
  return report.applied ? 0 : 2;
};
