import type { Leg } from "../../net/index.ts";

/** Beyond this many bytes that a receiver has not taken, its sender is read no further. */
export const maxQueuedBytes = 256 * 1024;

/** Wait until a receiver has taken enough to be sent more; the system's own buffers keep it busy meanwhile. False: it is gone. */
export async function hasRoom(leg: Leg): Promise<boolean> {
  if (leg.queuedBytes > maxQueuedBytes) await leg.drained();
  return !leg.closed;
}
