import type { AuditVerification } from "../contract/index.ts";
import { genesis, linkHash } from "./chain.ts";
import { prepareReading, type Store } from "./store.ts";
import { type Cut, parseCanonical, type PlainRecord, readCut, type StoredRecord, storedRecord } from "./stored-record.ts";

export interface VerificationOptions {
  /** A digest that was noted elsewhere: its record must still be there, or be covered by a cut. */
  readonly head?: string;
  /** Called between slices, so that whoever shares the thread gets a turn. */
  readonly pause: () => Promise<void>;
}

const SLICE = 2000;

/**
 * Prove that what is kept is what was written: every digest, every link, no gap, and every column that repeats the record.
 *
 * It reads one state of the store from beginning to end, while others go on writing. Wants a connection of its own, for the length of
 * the reading transaction.
 */
export async function verifyRecords(store: Store, options: VerificationOptions): Promise<AuditVerification> {
  store.exec("BEGIN");
  try {
    const walk = new ChainWalk(readCut(store), options.head);
    const read = prepareReading<[number, number], StoredRecord>(store, "SELECT * FROM record WHERE seq > ? ORDER BY seq LIMIT ?");
    let after = Number.MIN_SAFE_INTEGER;
    for (let rows = read.all(after, SLICE); rows.length > 0 && walk.problem === undefined; rows = read.all(after, SLICE)) {
      for (const row of rows) walk.step(row);
      after = rows.at(-1)?.seq ?? after;
      await options.pause();
    }
    return walk.finish();
  } finally {
    store.exec("ROLLBACK");
  }
}

/** One pass over the chain, record by record. */
class ChainWalk {
  readonly #cut: Cut | undefined;
  readonly #wanted: string | undefined;
  #first: number | undefined;
  #last = 0;
  #hash = genesis;
  #cutTold = false;
  #headSeen = false;
  problem: AuditVerification["problem"];

  constructor(cut: Cut | undefined, wantedHead: string | undefined) {
    this.#cut = cut;
    this.#wanted = wantedHead;
    if (wantedHead === genesis || (cut !== undefined && wantedHead === cut.hash)) this.#headSeen = true;
  }

  step(row: StoredRecord): void {
    if (this.problem !== undefined) return;
    const record = parseCanonical(row.canonical);
    if (record === undefined) return this.#object(row.seq, "the text is not a record");
    if (this.#first === undefined) this.#begin(row);
    else if (row.seq !== this.#last + 1) this.#object(this.#last + 1, `missing: record ${row.seq} comes next`);
    this.#check(row, record);
    this.#first ??= row.seq;
    this.#last = row.seq;
    this.#hash = row.hash;
    if (row.hash === this.#wanted) this.#headSeen = true;
  }

  /** What comes before the first record must be nothing, or a cut that the chain itself tells of. */
  #begin(row: StoredRecord): void {
    if (row.seq === 1) return;
    const cut = this.#cut;
    if (cut === undefined || row.seq < 1 || row.seq > cut.through + 1) return this.#object(row.seq, "records before it are missing");
    // While a cut is being carried out, its last record still stands and vouches for the ones before it (see #check).
    this.#hash = row.seq === cut.through + 1 ? cut.hash : "";
  }

  #check(row: StoredRecord, record: PlainRecord): void {
    const anchored = this.#hash !== "";
    if (anchored && linkHash(this.#hash, row.canonical) !== row.hash)
      this.#object(row.seq, "the digest does not fit the record and the one before it");
    const cut = this.#cut;
    if (cut !== undefined && row.seq === cut.through && row.hash !== cut.hash)
      this.#object(row.seq, "the record differs from the one that was cut");
    if (cut !== undefined && row.seq === cut.seq) this.#cutTold = tellsOf(record, cut);
    const meant = storedRecord(record, row.canonical, row.hash);
    for (const column of ["seq", "time", "kind", "outcome", "connection", "incident", "terms"] as const) {
      if (row[column] !== meant[column]) this.#object(row.seq, `the column ${column} differs from the record`);
    }
  }

  finish(): AuditVerification {
    if (this.problem !== undefined) return this.#result();
    if (this.#first !== undefined && this.#first > 1 && !this.#cutTold)
      this.#object(this.#first, "records before it are missing, and no record tells of a cut");
    if (this.#cut !== undefined && this.#first === undefined) this.#object(this.#cut.through + 1, "all records are missing");
    if (this.#wanted !== undefined && !this.#headSeen) {
      this.#object(this.#last + 1, "the record with the noted digest is missing: something was cut off or written anew");
    }
    return this.#result();
  }

  #result(): AuditVerification {
    const records = this.#first === undefined ? 0 : this.#last - this.#first + 1;
    return {
      ok: this.problem === undefined,
      records,
      ...(this.#first === undefined ? {} : { first: this.#first, last: this.#last, head: this.#hash }),
      ...(this.problem === undefined ? {} : { problem: this.problem }),
    };
  }

  #object(seq: number, message: string): void {
    this.problem ??= { seq, message };
  }
}

function tellsOf(record: PlainRecord, cut: Cut): boolean {
  const detail = record.body["detail"] as { through?: unknown; hash?: unknown } | undefined;
  return record.body["event"] === "record_cut" && detail?.through === cut.through && detail.hash === cut.hash;
}
