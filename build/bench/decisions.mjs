/** How long it takes from an understood request to a durable verdict: facts, policy, record, by the agent's own rooms in this process. */
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const sha256 = (content) => crypto.createHash("sha256").update(content).digest("hex");
const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(() => run(), ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Microseconds, median and slowest of a hundred, over `count` requests that come one in each turn of the event loop. */
export async function measureDecisions(count) {
  // Late: they need the project's own Node, which reads TypeScript.
  const [{ createAudit }, { createContext }, { createIds, incidentOf }, { decide, defaultPolicyText, loadPolicy }] = await Promise.all([
    import("../../agent/audit/index.ts"),
    import("../../agent/context/index.ts"),
    import("../../agent/pipeline/index.ts"),
    import("../../agent/policy/index.ts"),
  ]);
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-decisions-"));
  const audit = createAudit({ dir, clock });
  await audit.start();
  const context = createContext({ clock });
  const ids = createIds({ clock, random: Math.random });
  const { policy } = loadPolicy(defaultPolicyText, { file: "default.portail", hash: sha256 });
  const times = new Float64Array(count);
  for (let at = -count; at < count; at += 1) {
    const request = requestNamed(ids.nextId(), at);
    const begun = performance.now();
    const { verdict } = decide(policy, context.gatherFacts(request, { direct: false }));
    await audit.recordVerdict(request, verdict, { incident: incidentOf(request.id) });
    if (at >= 0) times[at] = (performance.now() - begun) * 1000;
    await new Promise((resolve) => void setImmediate(resolve));
  }
  await audit.close();
  fs.rmSync(dir, { recursive: true, force: true });
  times.sort();
  return { median: times[count >> 1], p99: times[Math.floor(count * 0.99)] };
}

function requestNamed(id, at) {
  return {
    id,
    listener: "local",
    protocol: "socks5",
    transport: "tcp",
    host: `server${Math.abs(at) % 50}.example.test`,
    port: 443,
    tls: true,
    origin: { kind: "tcp", address: "127.0.0.1", port: 40_000, localAddress: "127.0.0.1", localPort: 1080 },
    peer: { uid: 1000, pid: 4242 },
    receivedAt: Date.now(),
  };
}
