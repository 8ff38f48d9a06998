import type { AuditQuery, AuditRecord } from "../contract/index.ts";
import { genesis } from "./chain.ts";
import { prepareReading, type Store } from "./store.ts";
import { parseCanonical, readCut } from "./stored-record.ts";

export interface Page {
  readonly records: readonly AuditRecord[];
  /** Whether there are more beyond the last one. */
  readonly more: boolean;
}

interface Row {
  readonly seq: number;
  readonly canonical: string;
  readonly hash: string;
  readonly prev: string | null;
}

const DEFAULT_LIMIT = 200;

/** Find records. Nothing of the query becomes SQL text. */
export function searchRecords(store: Store, query: AuditQuery): Page {
  const { where, values } = conditions(query);
  const limit = query.limit ?? DEFAULT_LIMIT;
  const order = query.order === "asc" ? "ASC" : "DESC";
  const sql = `SELECT r.seq, r.canonical, r.hash, p.hash AS prev FROM record r LEFT JOIN record p ON p.seq = r.seq - 1
    ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`} ORDER BY r.seq ${order} LIMIT ?`;
  const rows = prepareReading<unknown[], Row>(store, sql).all(...values, limit + 1);
  const cut = readCut(store);
  const before = (seq: number): string => (seq === 1 ? genesis : seq - 1 === cut?.through ? cut.hash : "");
  const records = rows.slice(0, limit).map((row) => auditRecord(row, row.prev ?? before(row.seq)));
  return { records, more: rows.length > limit };
}

function conditions(query: AuditQuery): { readonly where: readonly string[]; readonly values: readonly unknown[] } {
  const where: string[] = [];
  const values: unknown[] = [];
  const want = (sql: string, value: unknown): void => {
    if (value === undefined) return;
    where.push(sql);
    values.push(value);
  };
  want(query.order === "asc" ? "r.seq > ?" : "r.seq < ?", query.after);
  want("r.time >= ?", query.since);
  want("r.time <= ?", query.until);
  want("r.outcome = ?", query.outcome);
  want("r.kind = ?", query.kind);
  want("r.connection = ?", query.connection);
  want("r.incident = ?", query.incident);
  want("instr(r.terms, ?) > 0", query.text === "" ? undefined : query.text?.toLowerCase());
  return { where, values };
}

function auditRecord(row: Row, prev: string): AuditRecord {
  const record = parseCanonical(row.canonical);
  // A row that somebody spoilt is shown for what it is; `verify` names it.
  if (record === undefined) return { seq: row.seq, time: 0, kind: "event", body: { unreadable: row.canonical }, prev, hash: row.hash };
  return { ...record, prev, hash: row.hash };
}
