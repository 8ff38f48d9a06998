import { answerQuestions } from "../answer-questions.ts";
import type { Action } from "../command.ts";
import type { ControlClient } from "../../control/index.ts";
import { formatIdentity } from "../identity-words.ts";
import { pause, untilInterrupted } from "../pause.ts";
import type { World } from "../world.ts";

const lookMs = 250;

/** Where nobody has a screen: the questions of connections that wait are put to the person at this terminal. */
export const unlockIdentity: Action = async (words, world) => {
  const [name] = words.operands;
  const agent = await world.connect();
  if (name !== undefined) {
    const details = await answerQuestions(world, agent, agent.call("identity.show", { name }));
    world.remark(formatIdentity(details));
    if (!words.has("follow")) return details.state === "ready" ? 0 : 1;
  } else if (!words.has("follow") && (await isQuiet(agent))) {
    world.remark("Nothing is asked right now; name an identity to open it, or wait with --follow.");
    return 0;
  }
  await answerQuestions(world, agent, words.has("follow") ? untilInterrupted(world) : untilQuiet(world, agent));
  return 0;
};

async function isQuiet(agent: ControlClient): Promise<boolean> {
  const { questions, touches } = await agent.call("identity.questions", {});
  return questions.length === 0 && touches.length === 0;
}

/** A wrong PIN is asked for again at once, so it has to be quiet twice. */
async function untilQuiet(world: World, agent: ControlClient): Promise<void> {
  for (let quiet = 0; quiet < 2 && !world.signal.aborted; ) {
    quiet = (await isQuiet(agent)) ? quiet + 1 : 0;
    await pause(world, lookMs);
  }
}
