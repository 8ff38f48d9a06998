import type { Clock } from "../../base/index.ts";
import type { Leg } from "../../net/index.ts";

/** Beyond this many bytes that a receiver has not taken, its sender is read no further. */
export const maxQueuedBytes = 256 * 1024;
/** Go on as soon as the queue is down to this, so that a fast receiver never runs dry. */
const resumeBytes = 128 * 1024;
const firstLookMs = 1;
const maxLookMs = 64;

/**
 * Wait until a receiver has taken enough to be sent more. False: it is gone. A leg does not tell when its queue empties outside a
 * splice, so one that is full is looked at again, less and less often: a stalled reader costs sixteen looks a second until the idle
 * limit ends it.
 */
export async function hasRoom(leg: Leg, clock: Clock): Promise<boolean> {
  if (leg.queuedBytes > maxQueuedBytes) {
    for (let ms = firstLookMs; !leg.closed && leg.queuedBytes > resumeBytes; ms = Math.min(ms * 2, maxLookMs)) {
      await new Promise<void>((resolve) => void clock.after(ms, resolve));
    }
  }
  return !leg.closed;
}
