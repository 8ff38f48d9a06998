import type { Clock } from "./clock.ts";

const withinMs = 30_000;
const restMs = 10_000;

/** Whoever dies so often in a short time gets a rest. */
export const deathsInARow = 3;

/** Remembers when something that is started again after each death has died, so that it is not started for ever without a pause. */
export class Deaths {
  readonly #clock: Pick<Clock, "monotonic">;
  #times: number[] = [];

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  note(): void {
    this.#times.push(this.#clock.monotonic());
  }

  /** Whether it should be left alone now. */
  get wantRest(): boolean {
    const now = this.#clock.monotonic();
    this.#times = this.#times.filter((at) => now - at < withinMs);
    const last = this.#times.at(-1);
    return last !== undefined && this.#times.length >= deathsInARow && now - last <= restMs;
  }
}
