import type { Action } from "../command.ts";

export const closeConnection: Action = async ({ operands: [id = ""] }, world) => {
  const agent = await world.connect();
  await agent.call("connections.close", { id });
  world.remark("Closed.");
  return 0;
};
