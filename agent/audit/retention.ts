import { prepareReading, type Store } from "./store.ts";
import { readCut } from "./stored-record.ts";

export interface RetentionOptions {
  readonly keepMs?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly now: number;
}

/** What is to be cut away; becomes a `record_cut` event on the chain before anything is deleted. */
export interface CutPlan {
  readonly through: number;
  /** Digest of the record `through`: with it, the rest of the chain still proves itself. */
  readonly hash: string;
  readonly records: number;
  readonly reason: "age" | "size";
}

/** Cutting below the bound, and not to it, so that a full record is not cut at every filing. */
const SLACK = 0.1;
const AGE_SLACK = 0.01;
const SLICE = 500;

export function planCut(store: Store, options: RetentionOptions): CutPlan | undefined {
  const ends = prepareReading<[], { first: number | null; last: number | null }>(
    store,
    "SELECT (SELECT MIN(seq) FROM record) AS first, (SELECT MAX(seq) FROM record) AS last",
  ).get();
  if (ends?.first == null || ends.last == null) return undefined;
  // What was decided to be cut but is not deleted yet does not count.
  const first = Math.max(ends.first, (readCut(store)?.through ?? 0) + 1);
  const byAge = throughByAge(store, first, options);
  const bySize = throughBySize(store, { first, last: ends.last }, options.maxBytes);
  // The last record stays: the chain must have something to go on from.
  const through = Math.min(Math.max(byAge, bySize), ends.last - 1);
  if (through < first) return undefined;
  const hash = prepareReading<[number], { hash: string }>(store, "SELECT hash FROM record WHERE seq = ?").get(through)?.hash;
  if (hash === undefined) return undefined;
  return { through, hash, records: through - first + 1, reason: bySize > byAge ? "size" : "age" };
}

function throughByAge(store: Store, first: number, { keepMs, now }: RetentionOptions): number {
  if (keepMs === undefined) return 0;
  const oldest = prepareReading<[number], { time: number }>(store, "SELECT time FROM record WHERE seq >= ? ORDER BY seq LIMIT 1").get(
    first,
  );
  if (oldest === undefined || oldest.time >= now - keepMs * (1 + AGE_SLACK)) return 0;
  let through = 0;
  // In the chain's order, not the clock's: a time that jumped must not take younger records with it.
  const rows = prepareReading<[number], { seq: number; time: number }>(
    store,
    "SELECT seq, time FROM record WHERE seq >= ? ORDER BY seq",
  ).iterate(first);
  for (const row of rows) {
    if (row.time >= now - keepMs) break;
    through = row.seq;
  }
  return through;
}

function throughBySize(store: Store, range: { readonly first: number; readonly last: number }, maxBytes: number | undefined): number {
  const used = usedBytes(store);
  if (maxBytes === undefined || used <= maxBytes) return 0;
  const count = range.last - range.first + 1;
  return range.first - 1 + Math.ceil(count * (1 - (maxBytes * (1 - SLACK)) / used));
}

/** What the records take; free pages will be used again. */
function usedBytes(store: Store): number {
  const pages = Number(store.pragma("page_count", { simple: true })) - Number(store.pragma("freelist_count", { simple: true }));
  return pages * Number(store.pragma("page_size", { simple: true }));
}

/** Delete what the latest cut covers, oldest first, a slice at a time. Goes on where a crash left off. */
export function carryOutCut(store: Store): number {
  const cut = readCut(store);
  if (cut === undefined) return 0;
  const remove = store.prepare("DELETE FROM record WHERE seq IN (SELECT seq FROM record WHERE seq <= ? ORDER BY seq LIMIT ?)");
  let removed = 0;
  for (let changes = SLICE; changes === SLICE; removed += changes) changes = remove.run(cut.through, SLICE).changes;
  store.prepare("DELETE FROM open_verdict WHERE seq <= ?").run(cut.through);
  if (removed > 0) giveSpaceBack(store);
  return removed;
}

function giveSpaceBack(store: Store): void {
  // In steps: one large one would hold the write lock, and with it the filing, for seconds.
  for (let left = Number(store.pragma("freelist_count", { simple: true })); left > 0; left -= 1000)
    store.exec("PRAGMA incremental_vacuum(1000)");
  store.exec("PRAGMA wal_checkpoint(PASSIVE)");
}
