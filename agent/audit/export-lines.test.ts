import { expect, test } from "vitest";
import type { AuditQuery, AuditRecord } from "../contract/index.ts";
import { formatEcs } from "./ecs.ts";
import { exportLines } from "./export-lines.ts";
import { formatOcsf } from "./ocsf.ts";

function record(over: Partial<AuditRecord>): AuditRecord {
  return {
    seq: 7,
    time: 1_795_000_000_000,
    kind: "verdict",
    connection: "0JC",
    incident: "7F3K",
    outcome: "deny",
    rule: { kind: "policy", name: "git-push", line: 39 },
    host: "git.corp.example",
    port: 22,
    program: "/usr/bin/ssh",
    user: "ada",
    body: { protocol: "socks5", transport: "tcp", uid: 1000, pid: 42, policy: "d1", failed: [{ label: "encrypted" }] },
    prev: "p",
    hash: "h",
    ...over,
  };
}

const end = record({ kind: "end", outcome: undefined, rule: undefined, body: { end: "CARRY_IDLE", up: 10, down: 32, durationMs: 1500 } });
const event = record({ kind: "event", outcome: undefined, rule: undefined, host: undefined, body: { event: "agent_started" } });

test("in OCSF a verdict is a Network Activity, opened or refused, with its rule and disposition", () => {
  expect(formatOcsf(record({}))).toMatchObject({
    class_uid: 4001,
    activity_id: 5,
    type_uid: 400_105,
    action_id: 2,
    disposition_id: 2,
    firewall_rule: { name: "git-push", type: "policy", uid: "39" },
    policy: { uid: "d1" },
    actor: { user: { name: "ada", uid: "1000" }, process: { pid: 42, file: { path: "/usr/bin/ssh", name: "ssh" } } },
    dst_endpoint: { hostname: "git.corp.example", port: 22 },
    time: 1_795_000_000_000,
    metadata: { uid: "h", sequence: 7, correlation_uid: "0JC" },
    unmapped: { failed: [{ label: "encrypted" }], incident: "7F3K", prev: "p" },
  });
  expect(formatOcsf(record({ outcome: "allow" }))).toMatchObject({ activity_id: 1, action_id: 1, disposition_id: 1, severity_id: 1 });
  expect(formatOcsf(record({ outcome: "step_up" }))).toMatchObject({ activity_id: 5, action_id: 2, disposition_id: 23 });
});

test("in OCSF an end closes with traffic, duration and code, and an agent event is a lifecycle", () => {
  expect(formatOcsf(end)).toMatchObject({
    activity_id: 2,
    status_id: 2,
    status_code: "CARRY_IDLE",
    duration: 1500,
    traffic: { bytes_out: 10, bytes_in: 32, bytes: 42 },
  });
  expect(formatOcsf(event)).toMatchObject({ class_uid: 6002, type_uid: 600_203, activity_id: 3 });
});

test("in ECS a verdict is an allowed or denied network connection with its rule and process", () => {
  expect(formatEcs(record({}))).toMatchObject({
    "@timestamp": "2026-11-18T11:06:40.000Z",
    event: { kind: "event", category: ["network"], type: ["connection", "denied"], outcome: "failure", sequence: 7, id: "h" },
    rule: { name: "git-push", category: "policy", id: "39", version: "d1" },
    process: { executable: "/usr/bin/ssh", name: "ssh", pid: 42 },
    user: { name: "ada", id: "1000" },
    destination: { domain: "git.corp.example", port: 22 },
    portail: { incident: "7F3K" },
  });
  expect(formatEcs(record({ outcome: "allow" }))).toMatchObject({ event: { type: ["connection", "allowed"], outcome: "success" } });
});

test("in ECS an end tells bytes of both sides and nanoseconds, and an event its name", () => {
  expect(formatEcs(end)).toMatchObject({
    event: { type: ["connection", "end"], duration: 1.5e9, reason: "CARRY_IDLE" },
    source: { bytes: 10 },
    destination: { bytes: 32 },
  });
  expect(formatEcs(event)).toMatchObject({ event: { action: "agent_started" } });
});

test("an export goes through all pages, from where it is told, whatever limit and order the query has", async () => {
  const asked: AuditQuery[] = [];
  const all = Array.from({ length: 120 }, (_, index) => record({ seq: index + 1 }));
  const search = (query: AuditQuery) => {
    asked.push(query);
    const rest = all.filter((one) => one.seq > (query.after ?? 0));
    const limit = query.limit ?? 0;
    return { records: rest.slice(0, limit), more: rest.length > limit };
  };
  const lines: string[] = [];
  for await (const line of exportLines("jsonl", { order: "desc", limit: 1, after: 10, text: "git" }, search)) lines.push(line);
  expect(lines.map((line) => (JSON.parse(line) as AuditRecord).seq)).toEqual(all.slice(10).map((one) => one.seq));
  expect(asked.every((query) => query.order === "asc" && query.text === "git")).toBe(true);
  expect(lines.some((line) => line.includes("\n"))).toBe(false);
});
