import type { AuditQuery, AuditRecord, ConnectionView } from "../../../agent/contract/index.ts";
import { fakeDigest } from "./fake-policy.ts";

/** The record that the fake's connections would have left: a verdict for each, an end for those that ended, and a few events. */
export function fakeRecords(connections: readonly ConnectionView[], startedAt: number): AuditRecord[] {
  const drafts = connections.flatMap(draftsOf);
  drafts.push({ time: startedAt, kind: "event", body: { event: "agent.started", version: "0.1.0" } });
  drafts.push({ time: startedAt + 40, kind: "event", body: { event: "policy.activated", digest: fakeDigest, rules: 12 } });
  let prev = "0".repeat(64);
  return drafts
    .sort((a, b) => a.time - b.time)
    .map((draft, index): AuditRecord => {
      const hash = fakeHash(prev, index);
      const record = { ...draft, seq: index + 1, prev, hash };
      prev = hash;
      return record;
    });
}

type Draft = Omit<AuditRecord, "seq" | "prev" | "hash">;

function draftsOf(connection: ConnectionView): Draft[] {
  const { id, host, port, program, user, incident, outcome, rule } = connection;
  if (outcome === undefined || rule === undefined) return [];
  const named = {
    connection: id,
    host,
    port,
    outcome,
    rule,
    ...(program && { program }),
    ...(user && { user }),
    ...(incident && { incident }),
  };
  const body = { protocol: connection.protocol, listener: connection.listener, policy: fakeDigest.slice(0, 12), examined: 5, rules: 12 };
  const verdict: Draft = { ...named, kind: "verdict", time: connection.startedAt + 1, body };
  if (connection.endedAt === undefined) return [verdict];
  const end = { end: connection.end ?? "served", up: connection.up, down: connection.down, backend: connection.backend ?? "none" };
  return [verdict, { ...named, kind: "end", time: connection.endedAt, body: end }];
}

function fakeHash(prev: string, index: number): string {
  let state = (Number.parseInt(prev.slice(0, 8), 16) ^ (index * 0x9e3779b1)) >>> 0;
  let hash = "";
  while (hash.length < 64) {
    state = (Math.imul(state ^ (state >>> 13), 0x5bd1e995) + 0x27d4eb2f) >>> 0;
    hash += state.toString(16).padStart(8, "0");
  }
  return hash;
}

export function queryRecords(records: readonly AuditRecord[], query: AuditQuery): { records: AuditRecord[]; more: boolean } {
  const descending = (query.order ?? "desc") === "desc";
  const ordered = descending ? records.toReversed() : records;
  const found = ordered.filter((record) => matches(record, query) && isAfter(record, query.after, descending));
  const limit = query.limit ?? 200;
  return { records: found.slice(0, limit), more: found.length > limit };
}

function isAfter(record: AuditRecord, after: number | undefined, descending: boolean): boolean {
  if (after === undefined) return true;
  return descending ? record.seq < after : record.seq > after;
}

function matches(record: AuditRecord, query: AuditQuery): boolean {
  const text = query.text?.toLowerCase() ?? "";
  const hay = [record.host, record.program, record.rule?.name, record.incident, record.user].join(" ").toLowerCase();
  return [
    query.since === undefined || record.time >= query.since,
    query.until === undefined || record.time <= query.until,
    query.outcome === undefined || record.outcome === query.outcome,
    query.kind === undefined || record.kind === query.kind,
    query.connection === undefined || record.connection === query.connection,
    query.incident === undefined || record.incident === query.incident,
    hay.includes(text),
  ].every(Boolean);
}
