import type { Fact, FactValue, Verdict } from "../../connection/index.ts";
import type { AuditRecord } from "../../contract/index.ts";
import type { Policy } from "../../policy/index.ts";

/** A request of the record, with how often it was made. */
export interface TrafficRequest {
  readonly facts: ReadonlyMap<string, Fact>;
  readonly count: number;
  /** Whether a decision of the old policy is the one that was recorded; always, when another policy judged then. */
  readonly isLike: (verdict: Verdict, policy: Policy) => boolean;
}

interface Seen {
  readonly record: AuditRecord;
  count: number;
}

/** The distinct requests of a record, the most frequent first. Facts that are not recorded (groups, posture) stay open. */
export function readTraffic(records: Iterable<AuditRecord>): readonly TrafficRequest[] {
  const seen = new Map<string, Seen>();
  for (const record of records) {
    if (record.kind !== "verdict" || record.host === undefined || record.port === undefined) continue;
    const key = JSON.stringify([
      record.host,
      record.port,
      record.program,
      record.user,
      record.body["protocol"],
      record.outcome,
      record.rule,
    ]);
    const known = seen.get(key) ?? { record, count: 0 };
    seen.set(key, known);
    known.count += 1;
  }
  return [...seen.values()].toSorted((one, other) => other.count - one.count).map(({ record, count }) => requestOf(record, count));
}

function requestOf(record: AuditRecord, count: number): TrafficRequest {
  return {
    facts: factsOfRecord(record),
    count,
    isLike: ({ outcome, rule }, policy) =>
      record.body["policy"] !== policy.digest || (outcome === record.outcome && rule.name === record.rule?.name),
  };
}

/** What a record of a decision tells of the request. */
function factsOfRecord({ host, port, program, user, body }: AuditRecord): ReadonlyMap<string, Fact> {
  const { protocol, listener, transport, tls, sni, method, path, uid, unit } = body;
  const told: readonly (readonly [string, unknown])[] = [
    ["request.host", host],
    ["request.port", port],
    ["request.protocol", protocol],
    ["request.listener", listener],
    ["request.transport", transport],
    ["request.tls", tls],
    ["request.sni", sni],
    ["request.method", method],
    ["request.path", path],
    ["client.exe", program],
    ["client.user", user],
    ["client.uid", uid],
    ["client.unit", unit],
  ];
  return new Map(told.flatMap(([attribute, value]) => (isPlain(value) ? [[attribute, { kind: "known", value }]] : [])));
}

function isPlain(value: unknown): value is FactValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** So many contexts for each request: enough for single changes and some pairs. */
const MIN_SHARE = 200;

export interface TrafficPlace {
  readonly request: TrafficRequest;
  readonly place: ReadonlyMap<string, Fact>;
  readonly share: number;
}

/** The requests that fit into the budget, each with its share. */
export function trafficPlaces(traffic: readonly TrafficRequest[], limit: number): readonly TrafficPlace[] {
  const kept = traffic.slice(0, Math.max(1, Math.floor(limit / MIN_SHARE)));
  const share = Math.floor(limit / Math.max(kept.length, 1));
  return kept.map((request) => ({ request, place: request.facts, share }));
}
