import { formatDuration } from "../../base/index.ts";
import type { Action } from "../command.ts";
import { pause } from "../pause.ts";
import { UsageMistake } from "../usage-mistake.ts";
import type { World } from "../world.ts";

const maxDrainMs = 600_000;

/** Returns when the process is gone, so that whoever starts the next agent does not meet the last one. */
export const stopAgent: Action = async (words, world) => {
  const drainMs = words.duration("drain");
  if (drainMs !== undefined && drainMs > maxDrainMs) throw new UsageMistake("--drain takes at most 10m");
  const agent = await world.connect();
  const { pid, connections } = await agent.call("status.get", {});
  await agent.call("agent.stop", drainMs === undefined ? {} : { drainMs: Math.round(drainMs) });
  if (connections.live > 0 && !words.has("json")) {
    const time = drainMs === undefined ? "their time" : formatDuration(drainMs);
    world.remark(`Waiting for ${connections.live} living connection${connections.live === 1 ? "" : "s"}, at most for ${time}.`);
  }
  await agent.closed;
  await untilGone(pid, world);
  if (words.has("json")) world.printJson({ stopped: !world.signal.aborted, pid });
  else world.remark(world.signal.aborted ? "Still stopping." : "Stopped.");
  return world.signal.aborted ? 1 : 0;
};

async function untilGone(pid: number, world: World): Promise<void> {
  while (!world.signal.aborted && isAlive(pid)) await pause(world, 20);
}

/** Signal 0 only asks. Without the right to ask, the process is another user's and so not the one that was stopped. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
