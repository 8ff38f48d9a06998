import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Alarm, auditRecordSchema } from "../contract/index.ts";
import { type Audit, type AuditOptions, createAudit } from "./audit.ts";
import { openAuditReader } from "./audit-reader.ts";
import { canonicalJson, linkHash } from "./chain.ts";
import { journalFilesIn } from "./journal-file.ts";
import { listSegments } from "./journal-segment.ts";
import { realClock, sampleRequest, sampleVerdict, type TestDir, testDir } from "./rig.suite.ts";
import { openStore, storePath } from "./store.ts";

/** For conditions that another thread brings about, on a machine that may be busy. */
const patiently = { timeout: 25_000 };

let place: TestDir;
let dir: string;
const open: Audit[] = [];

beforeEach(() => {
  place = testDir();
  dir = join(place.path, "audit");
});

afterEach(async () => {
  for (const audit of open.splice(0)) await audit.close();
  place.remove();
});

async function begun(over: Partial<AuditOptions> = {}): Promise<Audit> {
  const audit = createAudit({ dir, clock: realClock, ...over });
  open.push(audit);
  await audit.start();
  return audit;
}

async function recordConnections(audit: Audit, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const request = sampleRequest({ host: `host-${index}.corp.example` });
    const verdict = sampleVerdict({ outcome: index % 2 === 0 ? "allow" : "deny" });
    await audit.recordVerdict(request, verdict, { incident: `I${index}` });
    void audit.recordEnd(request, { kind: "served", up: index, down: 2 }, { verdict, incident: `I${index}` });
  }
}

async function linesOf(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

test("every connection leaves a verdict and an end, found by connection and by incident, in the contract's form", async () => {
  const audit = await begun();
  const request = sampleRequest();
  await audit.recordVerdict(request, sampleVerdict({ outcome: "deny" }), { incident: "7F3K" });
  await audit.recordEnd(request, { kind: "refused", code: "POLICY_DENIED" }, { incident: "7F3K" });
  const { records, more } = await audit.query({ connection: request.id });
  expect(more).toBe(false);
  expect(records.map((record) => record.kind)).toEqual(["end", "verdict"]);
  for (const record of records) expect(auditRecordSchema.parse(record)).toEqual(record);
  expect((await audit.query({ incident: "7F3K" })).records).toEqual(records);
  expect(await audit.verify({ head: audit.head?.hash ?? "" })).toMatchObject({ ok: true, records: 2, head: audit.head?.hash });
});

test("a search pages in both orders, and looks at host, program, rule, incident and user in any case", async () => {
  const audit = await begun();
  await recordConnections(audit, 25);
  const first = await audit.query({ kind: "verdict", limit: 10 });
  expect(first.more).toBe(true);
  const second = await audit.query({ kind: "verdict", limit: 20, after: first.records.at(-1)?.seq ?? 0 });
  expect(second.more).toBe(false);
  expect([...first.records, ...second.records].map((record) => record.host)).toEqual(
    Array.from({ length: 25 }, (_, index) => `host-${24 - index}.corp.example`),
  );
  expect((await audit.query({ order: "asc", limit: 2 })).records.map((record) => record.seq)).toEqual([1, 2]);
  for (const text of ["HOST-7.corp", "Curl", "ADA", "i7", "WEB"]) {
    const { records } = await audit.query({ text, kind: "verdict" });
    expect(records.some((record) => record.host === "host-7.corp.example")).toBe(true);
  }
  expect((await audit.query({ text: "%" })).records).toEqual([]);
  expect((await audit.query({ text: "'; DROP TABLE record; --" })).records).toEqual([]);
  expect((await audit.query({ outcome: "deny" })).records).toHaveLength(12);
  expect((await audit.query({ until: 1 })).records).toEqual([]);
});

test("a copy as JSON lines still proves itself elsewhere", async () => {
  const audit = await begun();
  await recordConnections(audit, 300);
  await audit.recordEvent({ name: "policy_activated", detail: { before: "a", after: "b" } });
  const lines = await linesOf(audit.export("jsonl"));
  expect(lines).toHaveLength(601);
  let before: string | undefined;
  for (const line of lines) {
    const { hash, prev, ...rest } = auditRecordSchema.parse(JSON.parse(line));
    expect(linkHash(prev, canonicalJson(rest))).toBe(hash);
    if (before !== undefined) expect(prev).toBe(before);
    before = hash;
  }
});

test("it can be exported and read by another process's eyes while the agent writes", async () => {
  const audit = await begun({ segmentBytes: 5000 });
  const writing = recordConnections(audit, 400);
  const reader = openAuditReader(dir);
  for (let round = 0; round < 5; round += 1) {
    expect(await reader.verify()).toMatchObject({ ok: true });
    await linesOf(audit.export("ecs"));
  }
  await writing;
  const head = audit.head;
  await audit.close();
  expect(await reader.verify({ head: head?.hash ?? "" })).toMatchObject({ ok: true });
  expect(reader.query({ kind: "verdict", limit: 1000 }).records).toHaveLength(400);
  expect(await linesOf(reader.export("ocsf"))).toHaveLength(800);
  reader.close();
});

test("connections that an earlier life left open are closed as interrupted, once", async () => {
  const first = await begun();
  const left = sampleRequest({ host: "left.corp.example" });
  await first.recordVerdict(left, sampleVerdict(), { incident: "LEFT" });
  await recordConnections(first, 3);
  await first.close();
  const second = await begun();
  const { records } = await second.query({ connection: left.id });
  expect(records[0]).toMatchObject({ kind: "end", host: "left.corp.example", incident: "LEFT", body: { end: "CARRY_INTERRUPTED" } });
  await second.close();
  const third = await begun();
  expect((await third.query({ connection: left.id })).records).toHaveLength(2);
  expect(await third.verify()).toMatchObject({ ok: true, records: 8 });
});

test("the record is its owner's alone", async () => {
  const audit = await begun();
  await recordConnections(audit, 2);
  await audit.query({});
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o077).toBe(0);
});

test("a damaged store is set aside, an alarm and the new chain name it and the old head", async () => {
  const first = await begun();
  await recordConnections(first, 50);
  await first.close();
  const old = first.head;
  writeFileSync(storePath(dir), Buffer.alloc(8192, "junk"));
  const alarms: (readonly Alarm[])[] = [];
  const second = await begun({ onAlarms: (list) => alarms.push(list) });
  expect(alarms.at(-1)?.[0]).toMatchObject({ code: "RECORD_DAMAGED" });
  const { records } = await second.query({ kind: "event" });
  expect(records[0]?.body).toMatchObject({ event: "record_set_aside", detail: { oldHash: old?.hash, oldSeq: old?.seq } });
  expect(await second.verify()).toMatchObject({ ok: true, first: 1 });
  const aside = readdirSync(dir).filter((name) => name.startsWith("set-aside-"));
  expect(aside).toHaveLength(1);
  expect(
    readFileSync(join(dir, aside[0] ?? "", "record.db"))
      .subarray(0, 4)
      .toString(),
  ).toBe("junk");
});

test("a store that was put back to an older state is noticed", async () => {
  const first = await begun();
  await recordConnections(first, 5);
  await first.close();
  const old = readFileSync(storePath(dir));
  const again = await begun({ segmentBytes: 2000 });
  await recordConnections(again, 20);
  await again.close();
  for (const suffix of ["-wal", "-shm"]) rmSync(storePath(dir) + suffix, { force: true });
  writeFileSync(storePath(dir), old);
  const alarms: (readonly Alarm[])[] = [];
  const third = await begun({ onAlarms: (list) => alarms.push(list) });
  expect(alarms.at(-1)?.[0]).toMatchObject({ code: "RECORD_DAMAGED" });
  expect((await third.query({ text: "record_set_aside" })).records).toHaveLength(1);
});

test("a journal that somebody edits under the running agent is reported, set aside, and the chain goes on", async () => {
  const audit = await begun();
  await recordConnections(audit, 3);
  await audit.query({});
  appendFileSync(listSegments(dir)[0]?.path ?? "", "forged\n");
  expect(await audit.verify()).toMatchObject({ ok: false, problem: { message: expect.stringContaining("journal") as string } });
  await expect.poll(() => audit.alarms[0]?.code, patiently).toBe("RECORD_DAMAGED");
  await recordConnections(audit, 3);
  expect(await audit.verify()).toMatchObject({ ok: true });
  expect((await audit.query({ text: "record_set_aside" })).records).toHaveLength(1);
});

test("a record that cannot be opened refuses verdicts with an alarm, and is opened when that becomes possible", async () => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(place.path, "blocked"), "");
  const alarms: (readonly Alarm[])[] = [];
  const audit = createAudit({
    dir: join(place.path, "blocked"),
    clock: { ...realClock, after: (_, run) => realClock.after(5, run) },
    onAlarms: (list) => alarms.push(list),
  });
  open.push(audit);
  await expect(audit.start()).rejects.toMatchObject({ code: "RECORD_UNAVAILABLE" });
  await expect(audit.recordVerdict(sampleRequest(), sampleVerdict())).rejects.toMatchObject({ code: "RECORD_UNAVAILABLE" });
  expect(alarms.at(-1)?.[0]).toMatchObject({ code: "RECORD_UNAVAILABLE" });
  rmSync(join(place.path, "blocked"));
  await expect.poll(() => alarms.at(-1), patiently).toEqual([]);
  await audit.recordVerdict(sampleRequest(), sampleVerdict());
});

test("a full disk refuses verdicts with an alarm that names the cause, and clears it", async () => {
  const alarms: (readonly Alarm[])[] = [];
  let full = false;
  const disk = journalFilesIn(dir, realClock);
  const openFile: typeof disk = async (first) => {
    const file = await disk(first);
    return {
      append: (bytes) => (full ? Promise.resolve({ written: 0, cause: new Error("ENOSPC: no space left on device") }) : file.append(bytes)),
      truncate: (size) => file.truncate(size),
      flush: () => file.flush(),
      close: () => file.close(),
    };
  };
  const audit = await begun({ openFile, onAlarms: (list) => alarms.push(list) });
  full = true;
  await expect(audit.recordVerdict(sampleRequest(), sampleVerdict())).rejects.toMatchObject({ code: "RECORD_UNAVAILABLE" });
  expect(alarms.at(-1)?.[0]).toMatchObject({ code: "RECORD_UNAVAILABLE", detail: expect.stringContaining("ENOSPC") as string });
  full = false;
  await audit.recordVerdict(sampleRequest(), sampleVerdict());
  expect(alarms.at(-1)).toEqual([]);
  expect(await audit.verify()).toMatchObject({ ok: true, records: 1 });
});

test("a record of a newer version is left alone", async () => {
  const store = openStore(dir);
  store.exec("PRAGMA user_version = 99");
  store.close();
  const audit = createAudit({ dir, clock: realClock });
  open.push(audit);
  await expect(audit.start()).rejects.toMatchObject({
    code: "RECORD_UNAVAILABLE",
    detail: expect.stringContaining("newer version") as string,
  });
  expect(readdirSync(dir).some((name) => name.startsWith("set-aside"))).toBe(false);
});

test("retention cuts on the chain while the agent runs", async () => {
  const audit = await begun({ maxBytes: 300_000, segmentBytes: 20_000 });
  await recordConnections(audit, 600);
  await expect.poll(async () => (await audit.query({ text: "record_cut" })).records.length, patiently).toBeGreaterThan(0);
  const result = await audit.verify();
  expect(result.ok).toBe(true);
  await expect.poll(async () => (await audit.verify()).first, patiently).toBeGreaterThan(100);
});

test("a reader is told when there is no record, and reads one that was left by a dead agent", async () => {
  expect(() => openAuditReader(join(place.path, "nowhere"))).toThrow("there is no record");
  const audit = await begun();
  await recordConnections(audit, 2);
  const reader = openAuditReader(dir);
  expect(reader.query({ kind: "verdict" }).records).toHaveLength(2);
  reader.close();
  chmodSync(dir, 0o700);
});
