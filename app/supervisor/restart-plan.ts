/** How one agent process ended by itself, or was ended by somebody else. */
export interface AgentEnd {
  readonly at: number;
  readonly livedMs: number;
  /** It had reported ready before it ended. */
  readonly wasReady: boolean;
  /** SIGKILL or SIGTERM: somebody outside ended it (a person, the kernel short of memory); it did not fail by itself. */
  readonly wasKilled: boolean;
}

/** Failures within this time count together: so many of them are a crash loop. */
const windowMs = 60_000;
const failuresToGiveUp = 5;
const youngMs = 10_000;
const firstDelayMs = 50;
const backoffMs = [firstDelayMs, 500, 1000, 2000] as const;

/** What to do after an agent ended. */
export type RestartPlan =
  | { readonly kind: "restart"; readonly delayMs: number; readonly attempt: number }
  | { readonly kind: "give_up"; readonly failures: number };

/**
 * Decide from the recent ends, newest last. A healthy agent that was killed, or that died after a long life, is started again at once,
 * however often; one that keeps failing young is given up, so that it does not burn the battery and its last words stay readable.
 */
export function planRestart(ends: readonly AgentEnd[]): RestartPlan {
  const last = ends.at(-1);
  if (last === undefined || !isFailure(last)) return { kind: "restart", delayMs: firstDelayMs, attempt: 1 };
  const failures = ends.filter((end) => last.at - end.at < windowMs && isFailure(end)).length;
  if (failures >= failuresToGiveUp) return { kind: "give_up", failures };
  return { kind: "restart", delayMs: backoffMs[failures - 1] ?? firstDelayMs, attempt: failures };
}

function isFailure({ livedMs, wasReady, wasKilled }: AgentEnd): boolean {
  return !(wasReady && wasKilled) && livedMs < youngMs;
}
