import type { Cancel, Clock } from "../base/index.ts";
import type { Passage } from "../connection/index.ts";
import type { Ports } from "./ports.ts";

export interface JudgeAgainOptions {
  readonly clock: Clock;
  /** The view of the new snapshot. */
  readonly ports: Pick<Ports, "gather" | "fetch" | "fetchMs" | "judge">;
  /** How long a connection whose rule says `drain` may go on. */
  readonly drainMs: number;
}

/**
 * Judge living connections by a new snapshot. Those that are still allowed go on; of the others each goes on, gets a bounded time, or ends
 * at once, as the rule that let it in says (`on_change`). Returns how many were told to end.
 */
export async function judgeAgain(passages: Iterable<Passage>, options: JudgeAgainOptions): Promise<number> {
  let ended = 0;
  for (const passage of passages) {
    if (passage.state !== "open" || passage.verdict === undefined || passage.verdict.onChange === "keep") continue;
    if (await isStillAllowed(passage, options)) continue;
    ended += 1;
    end(passage, options);
  }
  return ended;
}

/** SECURITY: trouble while judging again counts as "not any more". */
async function isStillAllowed({ request }: Passage, { ports }: JudgeAgainOptions): Promise<boolean> {
  try {
    let facts = ports.gather(request, false);
    let judgement = ports.judge(request, facts);
    if (judgement.wanted.length > 0) {
      facts = await ports.fetch(request, facts, judgement.wanted, ports.fetchMs);
      judgement = ports.judge(request, facts);
    }
    return judgement.verdict.outcome === "allow";
  } catch {
    return false;
  }
}

function end(passage: Passage, { clock, drainMs }: JudgeAgainOptions): void {
  if (passage.verdict?.onChange !== "drain") {
    passage.close("CARRY_POLICY_CHANGED");
    return;
  }
  const cancel: Cancel = clock.after(drainMs, () => {
    cancel();
    passage.close("CARRY_POLICY_CHANGED");
  });
}
