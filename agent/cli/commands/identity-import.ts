import { answerQuestions } from "../answer-questions.ts";
import type { Action } from "../command.ts";
import { formatIdentity } from "../identity-words.ts";
import { readNamedFile as readFile } from "../policy-files.ts";

export const importIdentity: Action = async (words, world) => {
  const [name = "", file = ""] = words.operands;
  const chain = new TextDecoder().decode(await readFile(file, world));
  const agent = await world.connect();
  const details = await answerQuestions(world, agent, agent.call("identity.import", { name, chain }));
  if (words.has("json")) world.printJson(details);
  else world.print(formatIdentity(details));
  return details.state === "ready" ? 0 : 1;
};
