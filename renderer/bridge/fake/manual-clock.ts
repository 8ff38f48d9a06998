import type { ScreenClock } from "../screen-clock.ts";

export interface ManualClock extends ScreenClock {
  /** Let time pass, running what is due in order. */
  advance(ms: number): void;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Time that only passes when told to. */
export function createManualClock(startAt: number): ManualClock {
  let now = startAt;
  const timers = new Set<Timer>();
  const nextDue = (until: number) => [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + Math.max(1, ms), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (ms) => {
      const until = now + ms;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        now = timer.at;
        timer.run();
      }
      now = until;
    },
  };
}
