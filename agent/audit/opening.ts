import { readFileSync } from "node:fs";
import { formatCause } from "../base/index.ts";
import { genesis } from "./chain.ts";
import type { ChainHead } from "./chained-lines.ts";
import { type Filed, Filing } from "./filing.ts";
import { listSegments } from "./journal-segment.ts";
import { isGone, segmentsFrom, setAside, storeFiles } from "./set-aside.ts";
import { isDamage, openStore, prepareReading, type Store } from "./store.ts";
import { type PlainRecord, parseCanonical } from "./stored-record.ts";

/** Something that could not be believed and was moved away. */
export interface SetAside {
  readonly directory: string;
  readonly why: string;
  /** The last record known of what was moved, as far as it could be made out. */
  readonly oldHead?: ChainHead;
}

export interface Opening {
  readonly head: ChainHead;
  /** Verdicts of connections that never got their end. */
  readonly interrupted: readonly PlainRecord[];
  readonly setAside: readonly SetAside[];
}

/** Open the record after whatever happened to it, file what the journal holds, and find what an earlier life left unfinished. */
export function openRecord(dir: string, now: number): Opening & { readonly store: Store; readonly filing: Filing } {
  const moved: SetAside[] = [];
  try {
    return { ...openSound(dir, now, moved), setAside: moved };
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    const oldHead = readJournalHead(dir);
    const paths = [...storeFiles(dir), ...listSegments(dir).map((segment) => segment.path)];
    const directory = setAside(dir, paths, now);
    moved.push({ directory, why: formatCause(cause), ...(oldHead === undefined ? {} : { oldHead }) });
    return { ...openSound(dir, now, moved), setAside: moved };
  }
}

function openSound(dir: string, now: number, moved: SetAside[]): Omit<Opening, "setAside"> & { store: Store; filing: Filing } {
  const store = openStore(dir);
  try {
    assertSound(store);
    const filing = new Filing(store, dir);
    const filed = filing.run();
    if (filed.damage !== undefined) moved.push(setJournalAside(dir, filed, filed.damage, now));
    return { store, filing, head: filed.head, interrupted: readInterrupted(store) };
  } catch (cause) {
    store.close();
    throw cause;
  }
}

/** Move a journal that does not continue the record. What is filed is not touched. */
export function setJournalAside(
  dir: string,
  filed: Filed,
  damage: { readonly path: string; readonly message: string },
  now: number,
): SetAside {
  const oldHead = readJournalHead(dir) ?? filed.head;
  return { directory: setAside(dir, segmentsFrom(dir, damage.path), now), why: `journal: ${damage.message}`, oldHead };
}

/** A cheap look at both ends and the indexes' roots; `verify` is the thorough one. */
function assertSound(store: Store): void {
  prepareReading(store, "SELECT SUM(LENGTH(canonical)) FROM (SELECT canonical FROM record ORDER BY seq DESC LIMIT 100)").get();
  prepareReading(store, "SELECT time FROM record ORDER BY time DESC LIMIT 1").get();
  prepareReading(store, "SELECT COUNT(*) FROM open_verdict").get();
}

function readInterrupted(store: Store): readonly PlainRecord[] {
  const rows = prepareReading<[], { canonical: string }>(
    store,
    "SELECT canonical FROM open_verdict JOIN record USING (seq) ORDER BY seq",
  ).all();
  return rows.map((row) => parseCanonical(row.canonical)).filter((record) => record !== undefined);
}

/** The last record that the journal tells of, for naming a chain that had to be given up. It may be damaged too: best effort. */
function readJournalHead(dir: string): ChainHead | undefined {
  for (const segment of listSegments(dir).toReversed()) {
    const line = readText(segment.path).trimEnd().split("\n").at(-1) ?? "";
    const record = parseCanonical(line.slice(65));
    if (record !== undefined) return { seq: record.seq, hash: line.slice(0, genesis.length) };
  }
  return undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (isGone(cause)) return "";
    throw cause;
  }
}
