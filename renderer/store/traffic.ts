import type { Change, ConnectionView } from "../../agent/contract/index.ts";

/** What passed in one second of the agent's time. */
export interface TrafficSecond {
  /** Seconds since the Unix epoch. */
  readonly second: number;
  readonly up: number;
  readonly down: number;
}

/** The last minute, oldest first; seconds in which nothing passed are left out. */
export type Traffic = readonly TrafficSecond[];

export const emptyTraffic: Traffic = [];
export const trafficSeconds = 60;

export interface TrafficNews {
  /** The connections as they were before the changes. */
  readonly before: ReadonlyMap<string, ConnectionView>;
  readonly changes: readonly Change[];
  readonly now: number;
}

/** Add what the changes moved: byte counts only grow, so the difference to what was known is what passed since. */
export function trafficAfter(traffic: Traffic, news: TrafficNews): Traffic {
  const moved = movedBytes(news);
  if (moved.up === 0 && moved.down === 0) return traffic;
  const second = Math.floor(news.now / 1000);
  const last = traffic.at(-1);
  const same = last?.second === second ? last : undefined;
  const current = { second, up: moved.up + (same?.up ?? 0), down: moved.down + (same?.down ?? 0) };
  const kept = traffic.filter((entry) => entry !== same && entry.second > second - trafficSeconds);
  return [...kept, current];
}

function movedBytes({ before, changes }: TrafficNews): { up: number; down: number } {
  const known = new Map<string, ConnectionView>();
  let up = 0;
  let down = 0;
  for (const change of changes) {
    if (change.kind !== "connection") continue;
    const { connection } = change;
    const earlier = known.get(connection.id) ?? before.get(connection.id);
    up += Math.max(0, connection.up - (earlier?.up ?? 0));
    down += Math.max(0, connection.down - (earlier?.down ?? 0));
    known.set(connection.id, connection);
  }
  return { up, down };
}
