import type { Cancel, Clock } from "../base/index.ts";

/** A clock that stands still until it is told to go on. */
export class StillClock implements Clock {
  time = 0;
  wakes = 0;
  private readonly timers = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, run: () => void): Cancel {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  get waiting(): number {
    return this.timers.size;
  }

  /** Let time pass, running what falls due in between, in order. */
  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const next = [...this.timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      this.wakes += 1;
      next.run();
    }
    this.time = until;
  }
}
