import { answerQuestions } from "../answer-questions.ts";
import type { Action } from "../command.ts";
import { obtainIn } from "../obtain-certificate.ts";

export const enrollIdentity: Action = async (words, world) => {
  const [name = ""] = words.operands;
  const agent = await world.connect();
  const wantsFile = words.has("by-file") || words.value("common-name") !== undefined || words.value("algorithm") !== undefined;
  const enrolments = wantsFile ? [] : await agent.call("identity.enrolments", {});
  if (enrolments.some((one) => one.name === name)) return obtainIn(world, agent, { name, how: "obtain", json: words.has("json") });
  const commonName = words.value("common-name") ?? name;
  const algorithm = words.value("algorithm") as "ec-p256" | "ec-p384" | "rsa-2048" | "rsa-3072" | undefined;
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
  const where = made.id === undefined ? "in its file" : `in the token with id ${made.id}`;
  world.remark(`The key is ${where}. Have this request signed, then: portail identity import ${name} FILE`);
  return 0;
};
