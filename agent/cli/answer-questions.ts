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
  const toldTouches = new Set<string>();
  while (!isDone && !world.signal.aborted) {
    const { questions, touches } = await agent.call("identity.questions", {});
    for (const { token, kind } of touches) {
      const words = kind === "keypad" ? `Type the PIN of "${printable(token)}" at the reader.` : `Touch your key "${printable(token)}".`;
      if (toldTouches.has(words)) continue;
      toldTouches.add(words);
      world.remark(words);
    }
    const [question] = questions;
    if (question !== undefined) {
      if (question.why === "wrong") world.remark("That was wrong.");
      if (question.tries === "last") world.remark("Careful: one more wrong PIN locks this token.");
      else if (question.tries === "few") world.remark("Few tries are left.");
      const what = question.wants === undefined ? "PIN" : `${question.wants.slice(0, 1).toUpperCase()}${question.wants.slice(1)}`;
      const pin = await world.readSecret(`${what} of ${printable(question.token)} for identity ${printable(question.identity)}:`);
      await agent.call("identity.answer", { id: question.id, ...(pin === undefined || pin === "" ? {} : { pin }) });
    }
    await Promise.race([done.catch(() => undefined), pause(world, lookMs)]);
  }
  return done;
}
