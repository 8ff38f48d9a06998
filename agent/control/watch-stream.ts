import type { StateEvent, StateFeed } from "../contract/index.ts";
import type { Outbox } from "./outbox.ts";

/**
 * Send one watcher every event. A watcher that is too slow gets none of them late: they are dropped, and when it has taken what waited
 * it gets a fresh snapshot that replaces everything. So its queue is bounded by one event over the outbox's limit.
 */
export function startWatchStream(feed: StateFeed, outbox: Outbox): () => void {
  let behind = false;
  const take = (event: StateEvent) => {
    if (behind) return;
    if (!outbox.isFull) return outbox.send({ event });
    behind = true;
    outbox.onDrained(() => {
      behind = false;
      outbox.send({ snapshot: feed.snapshot() });
    });
  };
  return feed.subscribe(take);
}
