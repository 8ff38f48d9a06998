import type { ConnectionView } from "../../contract/index.ts";
import type { Action } from "../command.ts";
import { connectionColumns, formatDestination, formatRule, paintOutcome, programOf } from "../connection-rows.ts";
import { untilInterrupted } from "../pause.ts";
import { printable } from "../printable.ts";
import { formatTable } from "../table.ts";
import { formatBytes, formatShortTime } from "../units.ts";
import type { Words } from "../words.ts";
import type { World } from "../world.ts";

export const listConnections: Action = async (words, world) => {
  if (words.has("follow")) return followConnections(words, world);
  const agent = await world.connect();
  const found = await agent.call("connections.list", { limit: words.integer("limit", { min: 1, max: 5000 }) ?? 50 });
  if (words.has("json")) world.printJson(found);
  else if (found.length === 0) world.remark("No connections yet.");
  else world.print(formatTable(connectionColumns(world.clock.now(), world.paint), found, world.width));
  return 0;
};

/** One line when a connection is decided and one when it ends: a log, not a screen. With `--json` each change is a line. */
async function followConnections(words: Words, world: World): Promise<0 | 3> {
  const agent = await world.connect();
  const told = new Map<string, string>();
  const tell = (one: ConnectionView) => {
    const stage = one.state === "ended" ? "ended" : one.outcome === undefined ? "asked" : "decided";
    const known = told.get(one.id);
    if (stage === "asked" || known === stage) return;
    told.set(one.id, stage);
    world.print(words.has("json") ? JSON.stringify(one) : formatLine(one, world));
  };
  await agent.watch({
    snapshot: (state) => state.connections.filter((one) => one.state !== "ended").forEach(tell),
    event: ({ changes }) => {
      for (const change of changes) {
        if (change.kind === "connection") tell(change.connection);
        if (change.kind === "forgotten") for (const id of change.ids) told.delete(id);
      }
    },
  });
  const end = await Promise.race([untilInterrupted(world).then(() => 0 as const), agent.closed.then(() => 3 as const)]);
  if (end === 3) world.remark("The agent has gone.");
  return end;
}

function formatLine(one: ConnectionView, { clock, paint }: World): string {
  const at = formatShortTime(one.endedAt ?? one.startedAt, clock.now());
  const what = paintOutcome(paint, one.outcome, one.outcome ?? one.state);
  const who = printable(programOf(one));
  const where = printable(formatDestination(one.host, one.port));
  const ended = one.state === "ended" ? `  ended ${one.end ?? ""} up ${formatBytes(one.up)} down ${formatBytes(one.down)}` : "";
  return `${paint.faint(at)}  ${what}  ${who}  ${where}  ${printable(formatRule(one.rule))}${ended}  ${paint.faint(printable(one.incident ?? one.id))}`;
}
