/** Ends within this time count together: so many of them are a crash loop. */
const windowMs = 60_000;
const crashesToGiveUp = 5;
const backoffMs = [100, 500, 1000, 2000] as const;

/** What to do after the agent ended by itself. */
export type RestartPlan =
  | { readonly kind: "restart"; readonly delayMs: number; readonly attempt: number }
  | { readonly kind: "give_up"; readonly crashes: number };

/**
 * Decide from the times of the recent ends, newest last. An agent that ran for long before it died is started again at once; one
 * that keeps dying young is given up, so that it does not burn the battery and its last words stay readable.
 */
export function planRestart(ends: readonly number[], livedMs: number): RestartPlan {
  const last = ends.at(-1) ?? 0;
  const recent = ends.filter((at) => last - at < windowMs).length;
  const young = livedMs < 10_000;
  if (young && recent >= crashesToGiveUp) return { kind: "give_up", crashes: recent };
  const step = young ? Math.min(recent - 1, backoffMs.length - 1) : 0;
  return { kind: "restart", delayMs: backoffMs[Math.max(0, step)] ?? 0, attempt: recent };
}
