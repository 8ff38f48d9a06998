import type { Clock } from "../base/index.ts";
import type { Change, StateFeed, StateSnapshot } from "../contract/index.ts";

export interface StateFeedOptions {
  readonly clock: Clock;
  /** Everything as it is now. */
  readonly state: () => Omit<StateSnapshot, "seq">;
  /** How long changes are gathered into one event; default 100 ms. */
  readonly gatherMs?: number;
}

/** Numbers the agent's changes and hands them to watchers, gathered: many changes of one connection become the last one. */
export interface LiveStateFeed extends StateFeed {
  publish(change: Change): void;
  /** How many listen: nobody needs to compute changes for nobody. */
  readonly watchers: number;
}

/** Without watchers it keeps nothing and starts no timer. */
export function createStateFeed(options: StateFeedOptions): LiveStateFeed {
  throw new Error(String(options.gatherMs));
}
