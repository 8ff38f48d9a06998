import { formatDuration } from "../../base/index.ts";
import type { HoldView } from "../../contract/index.ts";
import type { Action } from "../command.ts";
import { formatDestination, programOf } from "../connection-rows.ts";
import { type Column, formatTable } from "../table.ts";

export const listHolds: Action = async (words, world) => {
  const agent = await world.connect();
  const holds = await agent.call("holds.list", {});
  if (words.has("json")) world.printJson(holds);
  else if (holds.length === 0) world.remark("Nothing waits for you.");
  else world.print(formatTable(holdColumns(world.clock.now()), holds, world.width));
  return 0;
};

const holdColumns = (now: number): readonly Column<HoldView>[] => [
  { title: "ID", cell: (one) => one.id },
  { title: "PROGRAM", cell: (one) => programOf(one.connection), shrinksTo: 7 },
  { title: "DESTINATION", cell: (one) => formatDestination(one.connection.host, one.connection.port), shrinksTo: 16 },
  {
    title: "ASKS",
    cell: (one) => one.asks.map(({ what, value }) => (value === undefined ? what : `${what}=${value}`)).join(" "),
    shrinksTo: 8,
  },
  { title: "FOR", cell: (one) => formatDuration(Math.max(0, one.expiresAt - now)), align: "right" },
  { title: "SAYS", cell: (one) => one.say ?? "", shrinksTo: 12 },
];
