import type { HandshakeStory } from "../contract/index.ts";
import type { ControlClient } from "../control/index.ts";
import { answerQuestions } from "./answer-questions.ts";
import type { ExitCode } from "./command.ts";
import { pause } from "./pause.ts";
import { printable } from "./printable.ts";
import type { World } from "./world.ts";

const lookMs = 250;

/** Have an endpoint give a certificate; each step is told when it is done. Answers with the exit code. */
export async function obtainIn(
  world: World,
  agent: ControlClient,
  { name, how, json }: { readonly name: string; readonly how: "obtain" | "renew"; readonly json: boolean },
): Promise<ExitCode> {
  let told = 0;
  const tell = (steps: HandshakeStory["steps"]): void => {
    if (json) return;
    for (const { ok, says } of steps.slice(told))
      world.print(`${ok ? world.paint.good("ok  ") : world.paint.bad("FAIL")} ${printable(says)}`);
    told = Math.max(told, steps.length);
  };
  const work = agent.call(how === "renew" ? "identity.renew" : "identity.obtain", { name });
  let isDone = false;
  const watched = watch(work.finally(() => (isDone = true)));
  const story = await answerQuestions(world, agent, work);
  await watched;
  tell(story.steps);
  if (json) world.printJson(story);
  return story.ok ? 0 : 1;

  async function watch(end: Promise<unknown>): Promise<void> {
    const quiet = end.catch(() => undefined);
    while (!isDone && !world.signal.aborted) {
      await Promise.race([quiet, pause(world, lookMs)]);
      const enrolments = isDone ? [] : await agent.call("identity.enrolments", {});
      const running = enrolments.find((one) => one.name === name && one.state === "running");
      if (running !== undefined) tell(running.steps);
    }
  }
}
