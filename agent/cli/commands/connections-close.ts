import type { Action } from "../command.ts";

/** Takes the incident too: it is what the list shows, and what people have at hand. */
export const closeConnection: Action = async (words, world) => {
  const [name = ""] = words.operands;
  const agent = await world.connect();
  const listed = await agent.call("connections.list", { limit: 5000 });
  const id = listed.find((one) => one.state !== "ended" && one.incident === name.toUpperCase())?.id ?? name;
  await agent.call("connections.close", { id });
  if (words.has("json")) world.printJson({ closed: id });
  else world.remark("Closed.");
  return 0;
};
