import type { AuditRecord } from "../contract/index.ts";
import type { ChainHead } from "./chained-lines.ts";
import { genesis } from "./chain.ts";
import { prepareReading, type Store } from "./store.ts";

/** A record without its place between its neighbours: what the canonical text says. */
export type PlainRecord = Omit<AuditRecord, "prev" | "hash">;

/** A row of the store. */
export interface StoredRecord {
  readonly seq: number;
  readonly time: number;
  readonly kind: string;
  readonly outcome: string | null;
  readonly connection: string | null;
  readonly incident: string | null;
  readonly terms: string;
  readonly canonical: string;
  readonly hash: string;
}

/**
 * Undefined when the text is no record. Checked by hand rather than by the contract's schema: this runs for every record, in a thread
 * that should not load a schema library for it.
 */
export function parseCanonical(canonical: string): PlainRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(canonical);
  } catch {
    return undefined;
  }
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is PlainRecord {
  if (typeof value !== "object" || value === null) return false;
  const { seq, time, kind, body } = value as Record<string, unknown>;
  return Number.isSafeInteger(seq) && Number.isSafeInteger(time) && typeof kind === "string" && typeof body === "object" && body !== null;
}

/** The row that a canonical text must have. */
export function storedRecord(record: PlainRecord, canonical: string, hash: string): StoredRecord {
  return {
    seq: record.seq,
    time: record.time,
    kind: record.kind,
    outcome: textOrNull(record.outcome),
    connection: textOrNull(record.connection),
    incident: textOrNull(record.incident),
    terms: searchTerms(record),
    canonical,
    hash,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** What a text search looks through: host, program, rule, incident, user, and the name of an event. */
function searchTerms(record: PlainRecord): string {
  const event = record.kind === "event" ? String(record.body["event"]) : undefined;
  const terms: unknown[] = [record.host, record.program, record.rule?.name, record.incident, record.user, event];
  return terms
    .filter((term) => typeof term === "string")
    .join("\n")
    .toLowerCase();
}

/** The last record that is filed, or what a new chain begins with. */
export function readStoreHead(store: Store): ChainHead {
  const row = prepareReading<[], ChainHead>(store, "SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1").get();
  return row ?? { seq: 0, hash: genesis };
}

export interface Cut {
  /** Of the event that says so. */
  readonly seq: number;
  readonly through: number;
  readonly hash: string;
}

/** The latest cut: everything through `through` may be gone, and the record there had the digest `hash`. */
export function readCut(store: Store): Cut | undefined {
  return prepareReading<[], Cut>(store, "SELECT seq, through, hash FROM cut ORDER BY seq DESC LIMIT 1").get();
}
