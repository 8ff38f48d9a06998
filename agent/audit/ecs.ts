import { formatInstant } from "../base/index.ts";
import type { AuditRecord } from "../contract/index.ts";

/** An event of the Elastic Common Schema 8.17. What it has no field for goes under `portail`. */
export function formatEcs(record: AuditRecord): Record<string, unknown> {
  return {
    "@timestamp": formatInstant(record.time),
    ecs: { version: "8.17.0" },
    event: event(record),
    ...(record.kind === "event" ? {} : connection(record)),
    portail: { ...record.body, incident: record.incident, prev: record.prev },
  };
}

function event(record: AuditRecord): Record<string, unknown> {
  return {
    kind: "event",
    module: "portail",
    dataset: `portail.${record.kind}`,
    id: record.hash,
    sequence: record.seq,
    ...classification(record),
  };
}

function classification(record: AuditRecord): Record<string, unknown> {
  const { body, outcome } = record;
  if (record.kind === "event") return { action: body["event"], category: ["process"], type: ["info"] };
  if (record.kind === "verdict") {
    const allowed = outcome === "allow";
    return {
      action: outcome,
      category: ["network"],
      type: ["connection", allowed ? "allowed" : "denied"],
      outcome: allowed ? "success" : "failure",
    };
  }
  const served = body["end"] === "served";
  return {
    action: "end",
    category: ["network"],
    type: ["connection", "end"],
    outcome: served ? "success" : "failure",
    reason: served ? undefined : body["end"],
    // Nanoseconds, as ECS wants them.
    duration: typeof body["durationMs"] === "number" ? body["durationMs"] * 1e6 : undefined,
  };
}

function connection(record: AuditRecord): Record<string, unknown> {
  const { body, rule } = record;
  return {
    network: { transport: body["transport"], protocol: body["protocol"], direction: "egress" },
    // From the program's point of view: it is the source.
    source: record.kind === "end" ? { bytes: body["up"] } : undefined,
    destination: {
      address: record.host,
      domain: record.host,
      port: record.port,
      bytes: record.kind === "end" ? body["down"] : undefined,
    },
    rule: rule === undefined ? undefined : { name: rule.name, category: rule.kind, id: rule.line?.toString(), version: body["policy"] },
    process:
      record.program === undefined ? undefined : { executable: record.program, name: record.program.split("/").at(-1), pid: body["pid"] },
    user: record.user === undefined ? undefined : { name: record.user, id: body["uid"]?.toString() },
    transaction: { id: record.connection },
  };
}
