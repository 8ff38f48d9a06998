import type { Clock } from "../base/index.ts";

/** So many at once, and so many a second after that. */
export interface BudgetSize {
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket: `take` says whether one more is affordable now. No timer. */
export function createBudget({ burst, perSecond }: BudgetSize, clock: Pick<Clock, "monotonic">): { take(): boolean } {
  let tokens = burst;
  let last = clock.monotonic();
  return {
    take() {
      const now = clock.monotonic();
      tokens = Math.min(burst, tokens + ((now - last) / 1000) * perSecond);
      last = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
