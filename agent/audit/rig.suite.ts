import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../base/index.ts";
import type { Request, Verdict } from "../connection/index.ts";

/** The machine's own time, for tests that talk to a real thread and a real disk. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

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
