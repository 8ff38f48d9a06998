/** A working channel for tests: every handler there is, a feed, an own directory, and nothing left behind. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Clock, Logger } from "../base/index.ts";
import type { CallHandlers, ConnectionView, StateSnapshot, Status } from "../contract/index.ts";
import {
  type ControlEndpoint,
  type ControlIncident,
  type ControlServer,
  type ControlServerOptions,
  controlEndpointAt,
  collectHandlers,
  createDispatch,
  createStateFeed,
  startControlServer,
} from "./index.ts";
import { readLines } from "./read-lines.ts";

export const ownUid = process.getuid?.() ?? -1;

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export const quietLog: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
function nothing(): void {}

export const status: Status = {
  state: "ready",
  version: "0.0.0-test",
  pid: 4242,
  startedAt: 1_790_000_000_000,
  stateDir: "/state",
  policy: { digest: "ab".repeat(32), source: "built-in", rules: 1, loadedAt: 1_790_000_000_000 },
  listeners: [],
  backends: [],
  identities: [],
  alarms: [],
  connections: { live: 0, total: 0, refused: 0 },
  memoryBytes: 1024,
};

export function connectionView(id: string, up = 0): ConnectionView {
  return { id, listener: "local", protocol: "socks5", host: "h.test", port: 1, state: "open", startedAt: 1, up, down: 0 };
}

const report = { ok: true, digest: "00", rules: 0, problems: [], tests: [] };
const explanation = {
  outcome: "allow",
  rule: { kind: "default", name: "default" },
  host: "h.test",
  port: 1,
  requirements: [],
  others: [],
  unknown: [],
  backends: [],
  examined: 0,
  rules: 0,
  policyDigest: "00",
  text: "allow",
} as const;

/** Answers that satisfy the contract, and a note of every call that got through. */
export function fakeHandlers(called: string[] = []): CallHandlers {
  const answers = {
    "status.get": status,
    "connections.list": [],
    "connections.close": {},
    "connections.explain": explanation,
    explain: explanation,
    "policy.get": { source: "built-in", text: "", digest: "00", loadedAt: 1, rules: [], report },
    "policy.check": report,
    "policy.whatif": { report, examined: 0, changes: [] },
    "holds.list": [],
    "holds.resolve": {},
    "audit.query": { records: [], more: false },
    "audit.verify": { ok: true, records: 0 },
    "config.get": { text: "" },
    "config.reload": { applied: true, policyDigest: "00", problems: [], changes: [] },
    "identity.list": [],
    "identity.tokens": [],
    "identity.show": { name: "laptop", kind: "file", state: "ready" },
    "identity.test": { ok: true, steps: [] },
    "identity.enroll": { request: "", id: "00" },
    "identity.import": { name: "laptop", kind: "pkcs11", state: "ready" },
    "identity.obtain": { ok: true, steps: [] },
    "identity.renew": { ok: true, steps: [] },
    "identity.enrolments": [],
    "identity.attest": { evidence: { kind: "piv" } },
    "identity.activate": { answer: "00" },
    "identity.forget": {},
    "identity.questions": { questions: [], touches: [], hostKeys: [] },
    "identity.answer": {},
    "hostkeys.list": [],
    "hostkeys.answer": {},
    "hostkeys.forget": { forgotten: 0 },
    "console.open": { url: "http://127.0.0.1:1/", expiresAt: 1 },
    "agent.stop": {},
  };
  const handlers = Object.entries(answers).map(([name, answer]) => [name, () => (called.push(name), answer)] as const);
  return collectHandlers(Object.fromEntries(handlers));
}

export interface Rig {
  readonly endpoint: ControlEndpoint & { readonly kind: "socket" };
  readonly feed: ReturnType<typeof createStateFeed>;
  readonly incidents: ControlIncident[];
  readonly called: string[];
  state: Omit<StateSnapshot, "seq">;
  start(options?: Partial<ControlServerOptions> & { readonly handlers?: CallHandlers }): Promise<ControlServer>;
  /** A client that says what it likes. */
  knock(): RawClient;
  end(): Promise<void>;
}

export function createRig(): Rig {
  const stateDir = mkdtempSync(join(tmpdir(), "portail-control-"));
  // Open to everybody, so that what keeps others out is the channel's own doing.
  chmodSync(stateDir, 0o755);
  const dir = join(stateDir, "run");
  const endpoint = controlEndpointAt(join(dir, "control.sock")) as Rig["endpoint"];
  const servers: ControlServer[] = [];
  const sockets: Socket[] = [];
  const incidents: ControlIncident[] = [];
  const called: string[] = [];
  const audit = (incident: ControlIncident) => incidents.push(incident);
  const rig: Rig = {
    endpoint,
    incidents,
    called,
    state: { status, connections: [], holds: [], questions: { pins: [], touches: [], hostKeys: [] } },
    feed: createStateFeed({ clock: realClock, state: () => rig.state, gatherMs: 1 }),
    async start({ handlers = fakeHandlers(called), ...options } = {}) {
      const dispatch = createDispatch({ handlers, audit, newIncident: () => "7F3K", log: quietLog });
      const server = await startControlServer({
        endpoint,
        version: "9.9.9",
        dispatch,
        feed: rig.feed,
        uid: ownUid,
        peerOf: () => ({ uid: ownUid, pid: process.pid }),
        audit,
        clock: realClock,
        log: quietLog,
        ...options,
      });
      servers.push(server);
      return server;
    },
    knock() {
      const socket = createConnection(endpoint.path);
      sockets.push(socket);
      return new RawClient(socket);
    },
    async end() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => server.close()));
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
  return rig;
}

/** Bytes out, frames in. */
export class RawClient {
  readonly socket: Socket;
  readonly #frames: AsyncGenerator<string, void>;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", nothing);
    this.#frames = readLines(socket.iterator({ destroyOnReturn: false }), () => Number.MAX_SAFE_INTEGER);
  }

  send(...frames: readonly unknown[]): this {
    return this.sendBytes(frames.map((frame) => `${JSON.stringify(frame)}\n`).join(""));
  }

  sendBytes(bytes: string | Uint8Array): this {
    this.socket.write(bytes);
    return this;
  }

  /** Greet and take the answer. */
  async greet(hello: Record<string, unknown> = {}): Promise<unknown> {
    this.send({ hello: { protocol: 1, client: "test/1", ...hello } });
    return this.next();
  }

  /** The next frame; `"closed"` when the server ended the session instead. */
  async next(): Promise<Record<string, unknown> | "closed"> {
    try {
      const line = await this.#frames.next();
      return line.done === true ? "closed" : (JSON.parse(line.value) as Record<string, unknown>);
    } catch {
      return "closed";
    }
  }
}

/** Some text that holds a word. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

/** Wait for a condition, never for a duration. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
