/** Time as an argument, so that screens can be tested without waiting. */
export interface ScreenClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Run once after `ms`; the returned function takes it back. */
  after(ms: number, run: () => void): () => void;
}

export const realClock: ScreenClock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = window.setTimeout(run, ms);
    return () => window.clearTimeout(timer);
  },
};
