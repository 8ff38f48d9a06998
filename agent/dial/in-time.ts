import { type Wheel, WheelEntry } from "../net/index.ts";
import { type DialFailure, dialFailed, type DialOptions } from "./dialler.ts";

export interface InTimeOptions extends Pick<DialOptions, "leash" | "connectMs"> {
  readonly wheel: Wheel;
  /** Makes the work end; it may still answer, to nobody. */
  readonly abort: () => void;
  /** What is told when the time is over. */
  readonly late: () => DialFailure;
}

/** Work that cannot be interrupted from within, bounded by the time to connect and by the leash. */
export function inTime<T>(work: Promise<T>, options: InTimeOptions): Promise<T | DialFailure> {
  const { wheel, leash, connectMs, abort, late } = options;
  return new Promise((resolve, reject) => {
    const release = (): void => {
      wheel.disarm(deadline);
      leash.watch(undefined);
    };
    const giveUp = (failure: DialFailure): void => {
      release();
      // Settled before the work hears of it, so that what it says about being aborted is not taken for its answer.
      resolve(failure);
      abort();
    };
    const deadline = new WheelEntry(() => giveUp(late()));
    wheel.arm(deadline, Math.max(0, connectMs));
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
