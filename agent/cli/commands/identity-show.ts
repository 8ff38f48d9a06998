import { answerQuestions } from "../answer-questions.ts";
import type { Action } from "../command.ts";
import { formatIdentity } from "../identity-words.ts";

export const showIdentity: Action = async (words, world) => {
  const [name = ""] = words.operands;
  const agent = await world.connect();
  const details = await answerQuestions(world, agent, agent.call("identity.show", { name }));
  if (words.has("json")) world.printJson(details);
  else world.print(formatIdentity(details));
  return details.state === "ready" ? 0 : 1;
};
