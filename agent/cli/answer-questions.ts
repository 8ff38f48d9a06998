import { AgentError } from "../base/index.ts";
import type { PinQuestionView, TouchView } from "../contract/index.ts";
import type { ControlClient } from "../control/index.ts";
import { pause } from "./pause.ts";
import { printable } from "./printable.ts";
import type { World } from "./world.ts";

const lookMs = 250;

/** While the agent works on something that needs a token: put its questions to the person, and tell when a key waits for a finger. */
export async function answerQuestions<T>(world: World, agent: ControlClient, work: Promise<T>): Promise<T> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  done.catch(() => undefined);
  let told = new Set<string>();
  while (!isDone && !world.signal.aborted) {
    const { questions, touches } = await agent.call("identity.questions", {});
    const calls = touches.map(formatTouch);
    for (const words of calls) if (!told.has(words)) world.remark(words);
    told = new Set(calls);
    const [question] = questions;
    if (question !== undefined) await answerQuestion(world, agent, question);
    await Promise.race([done.catch(() => undefined), pause(world, lookMs)]);
  }
  return done;
}

export const formatTouch = ({ token, kind }: TouchView): string =>
  kind === "keypad" ? `Type the PIN of "${printable(token)}" at the reader.` : `Touch your key "${printable(token)}".`;

/** `PIN of portail for identity laptop` */
export function formatQuestion({ wants, token, identity }: PinQuestionView): string {
  const what = wants === undefined ? "PIN" : `${wants.slice(0, 1).toUpperCase()}${wants.slice(1)}`;
  return `${what} of ${printable(token)} for identity ${printable(identity)}`;
}

async function answerQuestion(world: World, agent: ControlClient, question: PinQuestionView): Promise<void> {
  const { id, why, tries } = question;
  if (why === "wrong") world.remark("That was wrong.");
  if (tries === "last") world.remark("Careful: one more wrong PIN locks this token.");
  else if (tries === "few") world.remark("Few tries are left.");
  const pin = await world.readSecret(`${formatQuestion(question)}:`);
  const isSure = tries !== "last" || pin === undefined || pin === "" || (await isConfirmed(world, pin));
  try {
    await agent.call("identity.answer", { id, ...(pin === undefined || pin === "" || !isSure ? {} : { pin }) });
  } catch (cause) {
    // Somebody answered on a screen meanwhile, or it took too long; what comes next is asked anew.
    if (!(cause instanceof AgentError && cause.code === "CONTROL_NOT_FOUND")) throw cause;
    world.remark("Nobody waits for this answer any more.");
  }
}

/** The last try is the person's own: a slip of the finger must not lock the token. */
async function isConfirmed(world: World, pin: string): Promise<boolean> {
  const isSame = (await world.readSecret("This is the last try. The same once more, to use it:")) === pin;
  if (!isSame) world.remark("That was not the same twice; nothing was tried.");
  return isSame;
}
