import { type AuditRecord, failures, type FailureCode } from "../contract/index.ts";

/**
 * OCSF 1.9 event. Verdicts and ends are Network Activity (class 4001) with the profiles Security Control, Network Proxy and Record
 * Integrity; events of the agent are Application Lifecycle (6002). What OCSF has no place for goes under `unmapped`.
 */
export function formatOcsf(record: AuditRecord): Record<string, unknown> {
  return {
    ...(record.kind === "event" ? lifecycle(record) : networkActivity(record)),
    time: record.time,
    metadata: {
      version: "1.9.0-dev",
      product: { name: "Portail", vendor_name: "Portail" },
      uid: record.hash,
      sequence: record.seq,
      log_name: "audit",
      profiles: ["security_control", "network_proxy", "record_integrity"],
      correlation_uid: record.connection,
    },
    unmapped: { ...record.body, incident: record.incident, prev: record.prev },
  };
}

const OPEN = { activity_id: 1, activity_name: "Open" };
const CLOSE = { activity_id: 2, activity_name: "Close" };
const REFUSE = { activity_id: 5, activity_name: "Refuse" };

/** Class 4001. The numbers are OCSF's. */
function networkActivity(record: AuditRecord): Record<string, unknown> {
  const activity = record.kind === "end" ? CLOSE : record.outcome === "allow" ? OPEN : REFUSE;
  return {
    category_uid: 4,
    category_name: "Network Activity",
    class_uid: 4001,
    class_name: "Network Activity",
    type_uid: 400_100 + activity.activity_id,
    ...activity,
    ...severity(record),
    ...(record.kind === "verdict" ? decision(record) : closing(record)),
    actor: actor(record),
    dst_endpoint: { hostname: record.host, port: record.port },
    connection_info: { uid: record.connection, protocol_name: record.body["transport"], direction_id: 2 },
    app_name: record.body["protocol"],
  };
}

/** Profile Security Control. */
function decision(record: AuditRecord): Record<string, unknown> {
  const allowed = record.outcome === "allow";
  const dispositions = {
    allow: { disposition_id: 1, disposition: "Allowed" },
    deny: { disposition_id: 2, disposition: "Blocked" },
    redirect: { disposition_id: 2, disposition: "Blocked" },
    step_up: { disposition_id: 23, disposition: "Challenge" },
    challenge: { disposition_id: 23, disposition: "Challenge" },
  } as const;
  return {
    action_id: allowed ? 1 : 2,
    action: allowed ? "Allowed" : "Denied",
    ...dispositions[record.outcome ?? "deny"],
    firewall_rule: { name: record.rule?.name, type: record.rule?.kind, uid: record.rule?.line?.toString() },
    policy: { uid: record.body["policy"] },
    status_id: allowed ? 1 : 2,
  };
}

function closing(record: AuditRecord): Record<string, unknown> {
  const { end, up, down, durationMs } = record.body;
  return {
    status_id: end === "served" ? 1 : 2,
    status_code: end === "served" ? undefined : end,
    duration: durationMs,
    traffic: { bytes_out: up, bytes_in: down, bytes: sum(up, down) },
  };
}

function sum(a: unknown, b: unknown): number | undefined {
  return typeof a === "number" && typeof b === "number" ? a + b : undefined;
}

function actor(record: AuditRecord): Record<string, unknown> | undefined {
  if (record.user === undefined && record.program === undefined) return undefined;
  return {
    user: record.user === undefined ? undefined : { name: record.user, uid: record.body["uid"]?.toString() },
    process:
      record.program === undefined
        ? undefined
        : { pid: record.body["pid"], file: { path: record.program, name: record.program.split("/").at(-1), type_id: 1 } },
  };
}

/** Class 6002. */
function lifecycle(record: AuditRecord): Record<string, unknown> {
  const name = String(record.body["event"]);
  const activity = name === "agent_started" ? 3 : name === "agent_stopped" ? 4 : 99;
  return {
    category_uid: 6,
    category_name: "Application Activity",
    class_uid: 6002,
    class_name: "Application Lifecycle",
    type_uid: 600_200 + activity,
    activity_id: activity,
    activity_name: activity === 99 ? name : activity === 3 ? "Start" : "Stop",
    app: { name: "Portail", vendor_name: "Portail" },
    message: name,
    ...severity(record),
  };
}

function severity(record: AuditRecord): { readonly severity_id: number; readonly severity: string } {
  const code = record.body["end"];
  const level = typeof code === "string" && code in failures ? failures[code as FailureCode].severity : "info";
  if (level === "error") return { severity_id: 4, severity: "High" };
  if (level === "warning") return { severity_id: 3, severity: "Medium" };
  if (level === "notice" || record.outcome === "deny") return { severity_id: 2, severity: "Low" };
  return { severity_id: 1, severity: "Informational" };
}
