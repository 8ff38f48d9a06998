import type { Action } from "../command.ts";
import { obtainIn } from "../obtain-certificate.ts";

export const renewIdentity: Action = async (words, world) => {
  const [name = ""] = words.operands;
  return obtainIn(world, await world.connect(), { name, how: "renew", json: words.has("json") });
};
