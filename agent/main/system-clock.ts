import type { Clock } from "../base/index.ts";

/** The real time. Timers are unreferenced: waiting alone never keeps the agent alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
