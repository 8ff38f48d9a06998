import type { Action } from "../command.ts";

export const resolveHold: Action = async (words, world) => {
  const [id = "", action] = words.operands;
  const reason = words.value("reason");
  const agent = await world.connect();
  await agent.call("holds.resolve", {
    id,
    action: action === "continue" ? "continue" : "refuse",
    ...(reason === undefined ? {} : { reason }),
  });
  if (words.has("json")) world.printJson({ resolved: id, action });
  else world.remark(action === "continue" ? "It goes on." : "It was refused.");
  return 0;
};
