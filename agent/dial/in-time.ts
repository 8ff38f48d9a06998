import { type Wheel, WheelEntry } from "../net/index.ts";
import { type DialFailure, dialFailed, type DialOptions } from "./dialler.ts";
import type { PersonWait } from "./person-wait.ts";

export interface InTimeOptions extends Pick<DialOptions, "leash" | "connectMs"> {
  readonly wheel: Wheel;
  /** Makes the work end; it may still answer, to nobody. */
  readonly abort: () => void;
  /** What is told when the time is over. */
  readonly late: () => DialFailure;
  /** Present: while it waits, time stands still. */
  readonly person?: PersonWait | undefined;
}

/** Work that cannot be interrupted from within, bounded by the time to connect and by the leash. */
export function inTime<T>(work: Promise<T>, options: InTimeOptions): Promise<T | DialFailure> {
  const { wheel, leash, connectMs, abort, late, person } = options;
  return new Promise((resolve, reject) => {
    const release = (): void => {
      wheel.disarm(deadline);
      leash.watch(undefined);
      unwatch?.();
    };
    const giveUp = (failure: DialFailure): void => {
      release();
      // Settled before the work hears of it, so that what it says about being aborted is not taken for its answer.
      resolve(failure);
      abort();
    };
    const deadline = new WheelEntry(() => giveUp(late()));
    let left = Math.max(0, connectMs);
    let since = wheel.now();
    const pauseOrGoOn = (): void => {
      if (person?.isWaiting === true) {
        left = Math.max(0, left - (wheel.now() - since));
        wheel.disarm(deadline);
      } else {
        since = wheel.now();
        wheel.arm(deadline, left);
      }
    };
    const unwatch = person?.watch(pauseOrGoOn);
    pauseOrGoOn();
    work.then(
      (done) => {
        release();
        resolve(done);
      },
      (cause: unknown) => {
        release();
        reject(cause instanceof Error ? cause : new Error(String(cause)));
      },
    );
    leash.watch(() => giveUp(dialFailed(leash.code ?? "INTERNAL", "given up")));
  });
}
