import type { WhatIf } from "../../contract/index.ts";
import type { Action } from "../command.ts";
import { formatDestination, formatRule, programOf } from "../connection-rows.ts";
import { readPolicyFile } from "../policy-files.ts";
import { hasErrors, printProblems } from "../print-problems.ts";
import { type Column, formatTable } from "../table.ts";

export const askWhatIf: Action = async (words, world) => {
  const [file = ""] = words.operands;
  const text = new TextDecoder().decode(await readPolicyFile(file, world));
  const limit = words.integer("limit", { min: 1, max: 10_000 }) ?? 1000;
  const agent = await world.connect();
  const answer = await agent.call("policy.whatif", { text, limit });
  if (words.has("json")) {
    world.printJson(answer);
  } else {
    await printProblems(
      answer.report.problems.map((problem) => ({ ...problem, file })),
      world,
    );
    if (answer.changes.length > 0) world.print(formatTable(changeColumns, answer.changes, world.width));
    if (!hasErrors(answer.report.problems))
      world.print(`${answer.changes.length} of ${answer.examined} recent connections would be decided otherwise.`);
  }
  if (hasErrors(answer.report.problems)) return 2;
  return answer.changes.length === 0 ? 0 : 1;
};

const changeColumns: readonly Column<WhatIf["changes"][number]>[] = [
  { title: "PROGRAM", cell: ({ connection }) => programOf(connection), shrinksTo: 7 },
  { title: "DESTINATION", cell: ({ connection }) => formatDestination(connection.host, connection.port), shrinksTo: 16 },
  { title: "NOW", cell: ({ before }) => before },
  { title: "THEN", cell: ({ after }) => after },
  { title: "BY RULE", cell: ({ rule }) => formatRule(rule), shrinksTo: 8 },
];
