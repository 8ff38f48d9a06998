import type { Action } from "../command.ts";
import { UsageMistake } from "../usage-mistake.ts";

/** Takes the incident too: it is what the list of connections shows. A connection that goes on is judged again, and may hear no. */
export const resolveHold: Action = async (words, world) => {
  const [name = "", action] = words.operands;
  const reason = words.value("reason");
  const agent = await world.connect();
  const hold = (await agent.call("holds.list", {})).find((one) => one.id === name || one.connection.incident === name.toUpperCase());
  if (action === "continue" && !isGiven(reason) && hold?.asks.some(({ what }) => what === "reason") === true) {
    throw new UsageMistake("the policy asks for a reason", "give it with --reason TEXT");
  }
  const id = hold?.id ?? name;
  await agent.call("holds.resolve", {
    id,
    action: action === "continue" ? "continue" : "refuse",
    ...(reason === undefined ? {} : { reason }),
  });
  if (words.has("json")) world.printJson({ resolved: id, action });
  else world.remark(action === "continue" ? "It is judged again, and goes on unless the policy asks for more." : "It was refused.");
  return 0;
};

function isGiven(reason: string | undefined): boolean {
  return reason !== undefined && reason.trim() !== "";
}
