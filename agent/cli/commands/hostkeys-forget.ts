import type { Action } from "../command.ts";

export const forgetHostKeys: Action = async (words, world) => {
  const [address = ""] = words.operands;
  const agent = await world.connect();
  const { forgotten } = await agent.call("hostkeys.forget", { address });
  if (words.has("json")) world.printJson({ address, forgotten });
  else world.remark(forgotten === 0 ? "No key of this server was accepted here." : "It is forgotten; the next connection asks again.");
  return forgotten === 0 ? 1 : 0;
};
