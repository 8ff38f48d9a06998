import { answerQuestions } from "../answer-questions.ts";
import type { Action } from "../command.ts";

export const enrollIdentity: Action = async (words, world) => {
  const [name = ""] = words.operands;
  const commonName = words.value("common-name") ?? name;
  const algorithm = words.value("algorithm") as "ec-p256" | "ec-p384" | "rsa-2048" | "rsa-3072" | undefined;
  const agent = await world.connect();
  const made = await answerQuestions(
    world,
    agent,
    agent.call("identity.enroll", { name, commonName, ...(algorithm === undefined ? {} : { algorithm }) }),
  );
  if (words.has("json")) {
    world.printJson(made);
    return 0;
  }
  world.print(made.request.trimEnd());
  world.remark(`The key is in the token with id ${made.id}. Have this request signed, then: portail identity import ${name} FILE`);
  return 0;
};
