import type { PolicyRuleView } from "../../contract/index.ts";
import type { Action } from "../command.ts";
import { formatRule } from "../connection-rows.ts";
import { printable, printableLines } from "../printable.ts";
import { type Column, formatTable } from "../table.ts";
import { formatShortTime } from "../units.ts";

export const showPolicy: Action = async (words, world) => {
  const agent = await world.connect();
  const policy = await agent.call("policy.get", {});
  const now = world.clock.now();
  if (words.has("json")) {
    world.printJson(policy);
  } else if (words.has("source")) {
    world.print(printableLines(policy.text.trimEnd()));
  } else {
    world.print(
      `${printable(policy.source)}  ${world.paint.faint(`${policy.digest.slice(0, 12)}, loaded ${formatShortTime(policy.loadedAt, now)}`)}\n`,
    );
    world.print(formatTable(ruleColumns(now), policy.rules, world.width));
    if (policy.refused !== undefined) world.remark("A newer text on disk was refused; `portail policy check` on it says why.");
  }
  return 0;
};

const ruleColumns = (now: number): readonly Column<PolicyRuleView>[] => [
  { title: "LINE", cell: (one) => String(one.rule.line ?? ""), align: "right" },
  { title: "RULE", cell: (one) => formatRule(one.rule), shrinksTo: 12 },
  { title: "DOES", cell: (one) => one.action, shrinksTo: 8 },
  { title: "DECIDED", cell: (one) => String(one.hits), align: "right" },
  { title: "LAST", cell: (one) => (one.lastHitAt === undefined ? "" : formatShortTime(one.lastHitAt, now)) },
];
