import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clientCallSchema, clientHelloSchema, type StateEvent, type StateSnapshot } from "../../agent/contract/index.ts";
import { type AgentClient, createAgentClient } from "./agent-client.ts";
import { createLineReader } from "./read-lines.ts";

const secret = "5".repeat(64);
const snapshot = (seq: number): StateSnapshot => ({
  seq,
  connections: [],
  holds: [],
  questions: { pins: [], touches: [], hostKeys: [] },
  status: {
    state: "ready",
    version: "0.1.0",
    pid: 1,
    startedAt: 0,
    stateDir: "/tmp",
    policy: { digest: "", source: "built-in", rules: 1, loadedAt: 0 },
    listeners: [],
    backends: [],
    identities: [],
    alarms: [],
    connections: { live: 0, total: 0, refused: 0 },
    memoryBytes: 0,
  },
});

type Answer = (call: { readonly id: number; readonly call: string; readonly input?: unknown }) => string;

/** An agent as far as the control contract goes, on a real socket; each test says how it answers. */
class SmallAgent {
  readonly socketPath: string;
  readonly greetings: unknown[] = [];
  answer: Answer = ({ id, call }) => line({ id, output: call === "watch" ? snapshot(1) : { did: call } });
  greet = (): string => line({ hello: { protocol: 1, version: "0.1.0", tier: "admin" } });
  readonly open = new Set<net.Socket>();
  private readonly server: net.Server;

  constructor(dir: string) {
    this.socketPath = path.join(dir, "control.sock");
    this.server = net.createServer((socket) => this.serve(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.socketPath, resolve));
  }

  hangUp(): void {
    for (const socket of this.open) socket.destroy();
  }

  close(): Promise<void> {
    this.hangUp();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private serve(socket: net.Socket): void {
    this.open.add(socket);
    socket.on("close", () => this.open.delete(socket)).on("error", ignoreReset);
    const reader = createLineReader(1_000_000);
    let greeted = false;
    socket.on("data", (piece) => {
      for (const text of reader.read(piece)) {
        if (greeted) socket.write(this.answer(clientCallSchema.parse(JSON.parse(text))));
        else {
          this.greetings.push(clientHelloSchema.parse(JSON.parse(text)).hello);
          socket.write(this.greet());
          greeted = true;
        }
      }
    });
  }
}

const line = (frame: object) => `${JSON.stringify(frame)}\n`;

/** The tests hang up in the middle of things on purpose. */
function ignoreReset(): void {}

let dir = "";
let agent: SmallAgent;
let client: AgentClient;
let news: (StateSnapshot | StateEvent)[] = [];
let losses: string[] = [];

beforeEach(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-client-"));
  agent = new SmallAgent(dir);
  await agent.listen();
  news = [];
  losses = [];
  client = createAgentClient({
    client: "test/1",
    onSnapshot: (next) => news.push(next),
    onEvent: (event) => news.push(event),
    onLost: (detail) => losses.push(detail),
  });
});

afterEach(async () => {
  client.detach();
  await agent.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const attach = () => client.attach({ path: agent.socketPath, secret });
const attached = async () => {
  attach();
  await vi.waitFor(() => expect(news.length).toBeGreaterThan(0));
};

test("greets with its name and the secret, then gets the snapshot and can call", async () => {
  await attached();
  expect(agent.greetings).toEqual([{ protocol: 1, client: "test/1", secret }]);
  expect(news).toEqual([snapshot(1)]);
  expect(await client.call("status.get", {})).toEqual({ did: "status.get" });
});

test("an event right behind the snapshot is told after it, not before", async () => {
  agent.answer = ({ id }) => line({ id, output: snapshot(7) }) + line({ event: { seq: 8, changes: [] } });
  attach();
  await vi.waitFor(() => expect(news).toEqual([snapshot(7), { seq: 8, changes: [] }]));
});

test("a refused call rejects with the agent's code, and the connection goes on", async () => {
  await attached();
  agent.answer = ({ id, call }) =>
    line(call === "agent.stop" ? { id, error: { code: "CONTROL_DENIED", detail: "needs admin" } } : { id, output: 1 });
  await expect(client.call("agent.stop", {})).rejects.toMatchObject({ code: "CONTROL_DENIED", detail: "needs admin" });
  expect(await client.call("status.get", {})).toBe(1);
});

test("an answer larger than any request is taken whole", async () => {
  const large = "x".repeat(5 * 1024 * 1024);
  await attached();
  agent.answer = ({ id }) => line({ id, output: large });
  expect(await client.call("audit.query", {})).toBe(large);
});

test("a lost connection fails what was under way, is told once, and comes back by itself with a fresh snapshot", async () => {
  await attached();
  agent.answer = () => {
    agent.hangUp();
    return "";
  };
  await expect(client.call("status.get", {})).rejects.toMatchObject({ code: "AGENT_UNREACHABLE" });
  await vi.waitFor(() => expect(losses).toHaveLength(1));
  agent.answer = ({ id }) => line({ id, output: snapshot(9) });
  await vi.waitFor(() => expect(news.at(-1)).toEqual(snapshot(9)), 5000);
  expect(losses).toHaveLength(1);
  expect(agent.open.size).toBe(1);
});

test("hanging up on the very call that watches starts one new connection, not two", async () => {
  let hangUps = 0;
  agent.answer = ({ id }) => {
    if (hangUps++ > 0) return line({ id, output: snapshot(2) });
    agent.hangUp();
    return "";
  };
  attach();
  await vi.waitFor(() => expect(news).toEqual([snapshot(2)]), 5000);
  expect(agent.greetings).toHaveLength(2);
});

test("an agent of another protocol version is told so and not spoken to", async () => {
  agent.greet = () => line({ hello: { protocol: 2, version: "9.0.0", tier: "admin" } });
  attach();
  await vi.waitFor(() => expect(losses[0]).toMatch(/^CONTROL_VERSION/));
  expect(news).toEqual([]);
});

test.each(["not json\n", '{"id":"seven"}\n', '{"event":{"seq":1}}\n'])(
  "a frame that does not fit the contract ends the connection: %j",
  async (frame) => {
    await attached();
    agent.answer = () => frame;
    await expect(client.call("status.get", {})).rejects.toMatchObject({ code: "AGENT_UNREACHABLE" });
  },
);

test("the secret is not sent to a socket in a directory that others may enter", async () => {
  fs.chmodSync(dir, 0o755);
  attach();
  await vi.waitFor(() => expect(losses[0]).toMatch(/^AGENT_STATE_DIR/));
  expect(agent.greetings).toEqual([]);
});

test("after detaching nothing is told, nothing is tried, and calls fail at once", async () => {
  await attached();
  client.detach();
  await expect(client.call("status.get", {})).rejects.toMatchObject({ code: "AGENT_UNREACHABLE" });
  await vi.waitFor(() => expect(agent.open.size).toBe(0));
  expect(losses).toEqual([]);
});
