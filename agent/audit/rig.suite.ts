import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../base/index.ts";
import type { Request, Verdict } from "../connection/index.ts";
import { type ChainHead, chainLines } from "./chained-lines.ts";
import { type Draft, endDraft, verdictDraft } from "./draft.ts";
import { Filing } from "./filing.ts";
import { segmentPath } from "./journal-segment.ts";
import { openStore, prepareReading, type Store } from "./store.ts";
import { readStoreHead } from "./stored-record.ts";

/** The machine's own time, for tests that talk to a real thread and a real disk. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Time that moves when a test says so. */
export class ManualClock implements Clock {
  #now = 1_795_000_000_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter((timer) => timer.at <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.#now);
    for (const timer of due) timer.run();
  }
}

export interface TestDir {
  readonly path: string;
  remove(): void;
}

export function testDir(): TestDir {
  const path = mkdtempSync(join(tmpdir(), "portail-audit-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

let count = 0;

export function sampleRequest(over: Partial<Request> = {}): Request {
  count += 1;
  return {
    id: `0JAUD${String(count).padStart(8, "0")}`,
    listener: "local",
    protocol: "socks5",
    transport: "tcp",
    host: "git.corp.example",
    port: 443,
    tls: true,
    origin: { kind: "tcp", address: "127.0.0.1", port: 40_000, localAddress: "127.0.0.1", localPort: 1080 },
    peer: { uid: 1000, user: "ada", pid: 4242, exe: "/usr/bin/curl" },
    receivedAt: 1_795_000_000_000,
    ...over,
  };
}

export function sampleVerdict(over: Partial<Verdict> = {}): Verdict {
  return {
    outcome: "allow",
    rule: { kind: "policy", name: "web", line: 12 },
    policyDigest: "a".repeat(64),
    failed: [],
    unknown: [],
    stale: [],
    assumed: [],
    log: "summary",
    onChange: "keep",
    backends: [],
    examined: 3,
    rules: 812,
    ...over,
  };
}

/** A store in `dir` with these records filed, as the clerk would. */
export function filedStore(dir: string, drafts: readonly Draft[]): { readonly store: Store; readonly heads: readonly ChainHead[] } {
  const store = openStore(dir);
  const head = readStoreHead(store);
  const lines = chainLines(head, drafts);
  writeFileSync(segmentPath(dir, head.seq + 1), lines.bytes);
  const filed = new Filing(store, dir).run();
  if (filed.damage !== undefined) throw new Error(filed.damage.message);
  return { store, heads: lines.heads };
}

/** Verdict, end, verdict, end, … */
export function sampleDrafts(connections: number, time = 1_795_000_000_000): readonly Draft[] {
  return Array.from({ length: connections }, (_, index) => {
    const request = sampleRequest({ host: `host-${index}.corp.example` });
    const verdict = sampleVerdict({ outcome: index % 3 === 0 ? "deny" : "allow" });
    return [
      verdictDraft(request, verdict, { incident: `INC${index}` }, time + index),
      endDraft(request, { kind: "served", up: index, down: 2 * index }, { verdict }, time + index + 1),
    ];
  }).flat();
}

/** What somebody with the database file and no manners would begin with. */
export function dropTriggers(store: Store): void {
  const triggers = prepareReading<[], { name: string }>(store, "SELECT name FROM sqlite_master WHERE type = 'trigger'").all();
  for (const { name } of triggers) store.exec(`DROP TRIGGER ${name}`);
}
