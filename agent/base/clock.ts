/** Time as an argument. The real one lives in `agent/main`, the fake one in `agent/testing`. */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump when the person sets the clock. */
  now(): number;
  /** Milliseconds that only grow, with a fraction; for durations. */
  monotonic(): number;
  /** Run once after `ms`; the timer does not keep the process alive. */
  after(ms: number, run: () => void): Cancel;
}

/** Take back a timer; a second call does nothing. */
export type Cancel = () => void;
