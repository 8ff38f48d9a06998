import type { Cancel, Clock } from "../base/index.ts";
import type { Change, StateEvent, StateFeed, StateSnapshot } from "../contract/index.ts";

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
  const takers = new Set<(event: StateEvent) => void>();
  const gathered = new Map<string, Change>();
  let seq = 0;
  let timer: Cancel | undefined;

  const flush = () => {
    timer?.();
    timer = undefined;
    if (gathered.size === 0) return;
    seq += 1;
    const event: StateEvent = { seq, changes: [...gathered.values()] };
    gathered.clear();
    for (const take of takers) take(event);
  };

  return {
    get watchers() {
      return takers.size;
    },
    publish(change) {
      if (takers.size === 0) return;
      for (const [key, one] of keyed(change)) {
        // Deleting first moves the key to the end: a connection that is forgotten and comes again must arrive in that order.
        gathered.delete(key);
        gathered.set(key, one);
      }
      timer ??= options.clock.after(options.gatherMs ?? 100, flush);
    },
    snapshot() {
      flush();
      return { seq, ...options.state() };
    },
    subscribe(take) {
      const own = (event: StateEvent) => take(event);
      takers.add(own);
      return () => {
        takers.delete(own);
        if (takers.size > 0) return;
        timer?.();
        timer = undefined;
        gathered.clear();
      };
    },
  };
}

/** The last word about a thing replaces the earlier ones, so each change is filed under the thing it speaks of. */
function keyed(change: Change): readonly (readonly [string, Change])[] {
  switch (change.kind) {
    case "connection":
      return [[`connection ${change.connection.id}`, change]];
    case "forgotten":
      return change.ids.map((id) => [`connection ${id}`, { kind: "forgotten", ids: [id] }] as const);
    case "hold":
      return [[`hold ${change.hold.id}`, change]];
    case "released":
      return [[`hold ${change.id}`, change]];
    case "questions":
    case "status":
    case "policy":
      return [[change.kind, change]];
    default:
      return change satisfies never;
  }
}
