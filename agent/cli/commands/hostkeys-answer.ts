import type { Action } from "../command.ts";
import type { Words } from "../words.ts";
import type { World } from "../world.ts";

export const acceptHostKey: Action = (words, world) => answer(words, world, true);
export const refuseHostKey: Action = (words, world) => answer(words, world, false);

async function answer(words: Words, world: World, accept: boolean): Promise<0> {
  const [id = ""] = words.operands;
  const agent = await world.connect();
  await agent.call("hostkeys.answer", { id, accept });
  if (words.has("json")) world.printJson({ answered: id, accept });
  else world.remark(accept ? "It is accepted, and known from now on." : "It was refused.");
  return 0;
}
