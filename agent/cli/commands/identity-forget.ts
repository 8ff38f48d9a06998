import type { Action } from "../command.ts";

export const forgetIdentities: Action = async (words, world) => {
  const agent = await world.connect();
  await agent.call("identity.forget", {});
  if (words.has("json")) world.printJson({ forgotten: true });
  else world.remark("Logged out of all tokens; PINs are asked for again.");
  return 0;
};
