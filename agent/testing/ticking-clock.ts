import type { Clock } from "../base/index.ts";

/** The real time, for tests that meet programs which know no other. */
export const tickingClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
