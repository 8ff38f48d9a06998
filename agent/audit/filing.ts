import { closeSync, fstatSync, openSync, readSync, rmSync } from "node:fs";
import { linkHash } from "./chain.ts";
import type { ChainHead } from "./chained-lines.ts";
import { type JournalSegment, listSegments } from "./journal-segment.ts";
import { isGone } from "./set-aside.ts";
import { prepareReading, type Store } from "./store.ts";
import { type PlainRecord, parseCanonical, readStoreHead, type StoredRecord, storedRecord } from "./stored-record.ts";

/** Where the journal does not continue the record: from here on it cannot be believed. */
export interface JournalDamage {
  readonly path: string;
  /** The last record that is fine. */
  readonly after: number;
  readonly message: string;
}

export interface Filed {
  readonly records: number;
  readonly head: ChainHead;
  readonly damage?: JournalDamage;
}

const BATCH = 1000;

/**
 * Moves records from the journal into the store, each exactly once whoever does it: the sequence number tells what is filed already,
 * and SQLite lets one writer in at a time. Every link of the chain is checked on the way.
 */
export class Filing {
  readonly #store: Store;
  readonly #dir: string;
  /** How far each segment is filed, so that the one being written is not read from its beginning every time. */
  readonly #offsets = new Map<string, number>();
  readonly #insert;
  readonly #open;
  readonly #close;
  readonly #cut;
  readonly #hashAt;

  constructor(store: Store, dir: string) {
    this.#store = store;
    this.#dir = dir;
    this.#insert = store.prepare<StoredRecord>(
      "INSERT INTO record VALUES (@seq, @time, @kind, @outcome, @connection, @incident, @terms, @canonical, @hash)",
    );
    this.#open = store.prepare<[string, number]>("INSERT OR REPLACE INTO open_verdict VALUES (?, ?)");
    this.#close = store.prepare<[string]>("DELETE FROM open_verdict WHERE connection = ?");
    this.#cut = store.prepare<[number, number, string]>("INSERT INTO cut VALUES (?, ?, ?)");
    this.#hashAt = prepareReading<[number], { hash: string }>(store, "SELECT hash FROM record WHERE seq = ?");
  }

  /** File all that is complete in the journal. */
  run(): Filed {
    const before = readStoreHead(this.#store).seq;
    let damage: JournalDamage | undefined;
    const segments = listSegments(this.#dir);
    for (const [index, segment] of segments.entries()) {
      const head = readStoreHead(this.#store);
      const next = segments[index + 1];
      if (next !== undefined && next.first <= head.seq + 1) continue;
      damage = this.#fileSegment(segment, head);
      if (damage !== undefined) break;
    }
    const head = readStoreHead(this.#store);
    return { records: head.seq - before, head, ...(damage === undefined ? {} : { damage }) };
  }

  /** Delete the segments that are filed whole, but for the last one, which may be in use and shows where the chain has got to. */
  tidy(): void {
    const segments = listSegments(this.#dir);
    const head = readStoreHead(this.#store);
    for (const [index, segment] of segments.entries()) {
      const next = segments[index + 1];
      if (next === undefined || next.first > head.seq + 1) return;
      rmSync(segment.path, { force: true });
      this.#offsets.delete(segment.path);
    }
  }

  #fileSegment(segment: JournalSegment, head: ChainHead): JournalDamage | undefined {
    const from = this.#offsets.get(segment.path) ?? 0;
    const lines = readWholeLines(segment.path, from);
    if (lines === undefined) return undefined;
    // Even an empty segment tells by its name that there were records before it.
    if (segment.first > head.seq + 1) {
      return { path: segment.path, after: head.seq, message: `records ${head.seq + 1} to ${segment.first - 1} are missing` };
    }
    let offset = from;
    for (let index = 0; index < lines.length; index += BATCH) {
      const batch = lines.slice(index, index + BATCH);
      const fault = this.#store.transaction(() => this.#fileLines(batch)).immediate();
      if (fault !== undefined) return { path: segment.path, ...fault };
      for (const line of batch) offset += Buffer.byteLength(line) + 1;
      this.#offsets.set(segment.path, offset);
    }
    return undefined;
  }

  /** Those before a fault stay filed: they are fine. */
  #fileLines(lines: readonly string[]): Omit<JournalDamage, "path"> | undefined {
    let head = readStoreHead(this.#store);
    for (const line of lines) {
      const hash = line.slice(0, 64);
      const canonical = line.slice(65);
      const record = line[64] === " " ? parseCanonical(canonical) : undefined;
      if (record === undefined) return { after: head.seq, message: "a line is not a record" };
      if (record.seq <= head.seq) {
        if (this.#isKnown(record.seq, hash)) continue;
        return { after: head.seq, message: `record ${record.seq} differs from the one that was filed` };
      }
      if (record.seq !== head.seq + 1 || linkHash(head.hash, canonical) !== hash) {
        return { after: head.seq, message: `record ${record.seq} does not follow record ${head.seq}` };
      }
      this.#file(record, canonical, hash);
      head = { seq: record.seq, hash };
    }
    return undefined;
  }

  #isKnown(seq: number, hash: string): boolean {
    const known = this.#hashAt.get(seq);
    // One that was cut away can no longer be compared.
    return known === undefined || known.hash === hash;
  }

  #file(record: PlainRecord, canonical: string, hash: string): void {
    this.#insert.run(storedRecord(record, canonical, hash));
    if (record.kind === "verdict" && record.connection !== undefined) this.#open.run(record.connection, record.seq);
    else if (record.kind === "end" && record.connection !== undefined) this.#close.run(record.connection);
    else if (record.body["event"] === "record_cut") this.#noteCut(record);
  }

  #noteCut(record: PlainRecord): void {
    const detail = record.body["detail"] as { through?: unknown; hash?: unknown } | undefined;
    const through = Number(detail?.through);
    if (this.#hashAt.get(through)?.hash === detail?.hash) this.#cut.run(record.seq, through, String(detail?.hash));
  }
}

/** The complete lines after `from`; undefined when the file is gone, which means that somebody else has filed it. */
function readWholeLines(path: string, from: number): readonly string[] | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    if (isGone(cause)) return undefined;
    throw cause;
  }
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - from));
    const count = readSync(fd, bytes, 0, bytes.length, from);
    // A last line without its line feed is being written, or was when the agent died: nobody was told that it exists.
    const whole = bytes.subarray(0, bytes.subarray(0, count).lastIndexOf(0x0a) + 1);
    return whole.length === 0 ? [] : whole.toString("utf8", 0, whole.length - 1).split("\n");
  } finally {
    closeSync(fd);
  }
}
