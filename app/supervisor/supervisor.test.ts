import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type { AgentProcess } from "../bridge/index.ts";
import { type AgentExit, type ReadyAgent, startAgentChild } from "./agent-child.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";

const program = { node: process.execPath, entry: path.join(import.meta.dirname, "small-agent.suite.ts") };

interface Watched {
  readonly supervisor: Supervisor;
  readonly states: AgentProcess[];
  readonly ready: ReadyAgent[];
}

const started: Supervisor[] = [];

function supervise(manner: string, env: NodeJS.ProcessEnv = process.env): Watched {
  const states: AgentProcess[] = [];
  const ready: ReadyAgent[] = [];
  const supervisor = createSupervisor({
    program,
    args: [`--manner=${manner}`],
    env,
    onLog: () => undefined,
    onState: (state) => states.push(state),
    onReady: (agent) => ready.push(agent),
  });
  started.push(supervisor);
  supervisor.start();
  return { supervisor, states, ready };
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((supervisor) => supervisor.stop()));
});

const soon = { timeout: 15_000, interval: 10 };
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const pidOf = ({ ready }: Watched) => ready.at(-1)?.report.pid ?? 0;

test("hands a fresh secret of 256 bits to each life of the agent, and never the same twice", async () => {
  const watched = supervise("well");
  await vi.waitFor(() => expect(watched.ready).toHaveLength(1), soon);
  await watched.supervisor.restart();
  await vi.waitFor(() => expect(watched.ready).toHaveLength(2), soon);
  const [first, second] = watched.ready.map(({ secret }) => secret);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(second).not.toBe(first);
  expect(watched.supervisor.lastLog()).toContain("the secret has 64 digits");
});

test("an agent that is killed is back, and the count of restarts says so", async () => {
  const watched = supervise("well");
  await vi.waitFor(() => expect(watched.ready).toHaveLength(1), soon);
  process.kill(pidOf(watched), "SIGKILL");
  await vi.waitFor(() => expect(watched.ready).toHaveLength(2), soon);
  expect(watched.states.map(({ state }) => state)).toEqual(["starting", "running", "restarting", "running"]);
  expect(watched.supervisor.state()).toMatchObject({ state: "running", restarts: 1 });
});

test("an agent that keeps failing is given up with its last words, and can be started again by hand", async () => {
  const watched = supervise("fails");
  await vi.waitFor(() => expect(watched.supervisor.state().state).toBe("crash_loop"), soon);
  const lastLog = Array.from({ length: 5 }, () => "portail.yaml:2:5: there is no such key");
  expect(watched.supervisor.state()).toMatchObject({ restarts: 4, lastLog });
  const before = watched.states.length;
  await watched.supervisor.restart();
  await vi.waitFor(() => expect(watched.states.slice(before).map((told) => told.state)).toContain("restarting"), soon);
});

test("an agent that answers the greeting with anything else is ended, not trusted", async () => {
  const watched = supervise("garbled");
  await vi.waitFor(() => expect(watched.supervisor.state().state).toBe("restarting"), soon);
  expect(watched.ready).toEqual([]);
});

test("a program that cannot be started at all counts as an agent that fails", async () => {
  const states: AgentProcess[] = [];
  const supervisor = createSupervisor({
    program: { node: "/nowhere/node", entry: "" },
    args: [],
    env: {},
    onLog: () => undefined,
    onState: (state) => states.push(state),
    onReady: () => undefined,
  });
  started.push(supervisor);
  supervisor.start();
  await vi.waitFor(() => expect(states.at(-1)).toMatchObject({ state: "restarting" }), soon);
  expect(supervisor.lastLog().join()).toContain("/nowhere/node");
});

test("what the agent had started and left behind does not delay its restart", async () => {
  const watched = supervise("leaves-a-child");
  await vi.waitFor(() => expect(watched.supervisor.state()).toMatchObject({ state: "restarting", attempt: 2 }), soon);
  for (const line of watched.supervisor.lastLog()) process.kill(Number(/^child (\d+)$/.exec(line)?.[1]), "SIGKILL");
});

test("stop leaves no process, also when it comes while a restart is under way", async () => {
  const watched = supervise("well");
  await vi.waitFor(() => expect(watched.ready).toHaveLength(1), soon);
  const restarted = watched.supervisor.restart();
  await watched.supervisor.stop();
  await restarted;
  expect(watched.supervisor.state().state).toBe("stopped");
  expect(isAlive(pidOf(watched))).toBe(false);
  expect(watched.ready).toHaveLength(1);
});

test("an agent that was asked to stop by somebody else stays stopped until it is wanted again", async () => {
  const watched = supervise("leaves-when-asked");
  await vi.waitFor(() => expect(watched.ready).toHaveLength(1), soon);
  process.kill(pidOf(watched), "SIGTERM");
  await vi.waitFor(() => expect(watched.supervisor.state().state).toBe("stopped"), soon);
  watched.supervisor.start();
  await vi.waitFor(() => expect(watched.ready).toHaveLength(2), soon);
});

test("a start that comes while it stops wins", async () => {
  const watched = supervise("well");
  await vi.waitFor(() => expect(watched.ready).toHaveLength(1), soon);
  const stopped = watched.supervisor.stop();
  watched.supervisor.start();
  await stopped;
  await vi.waitFor(() => expect(watched.ready).toHaveLength(2), soon);
});

test("an agent that ignores being asked is ended by force", async () => {
  const { promise: ready, resolve } = Promise.withResolvers<ReadyAgent>();
  const { promise: end, resolve: ended } = Promise.withResolvers<AgentExit>();
  const child = startAgentChild({
    program,
    args: ["--manner=deaf"],
    env: process.env,
    onLog: () => undefined,
    onReady: resolve,
    onEnd: ended,
  });
  const { pid } = (await ready).report;
  await child.stop(50);
  expect(await end).toMatchObject({ signal: "SIGKILL" });
  expect(isAlive(pid)).toBe(false);
});

test("nothing that changes what Node or the loader reads reaches the agent, and no secret is in its words or environment", async () => {
  const hostile = {
    ...process.env,
    NODE_OPTIONS: "--no-warnings",
    LD_PRELOAD: "",
    OPENSSL_CONF: "/x",
    NODE_EXTRA_CA_CERTS: "/x",
    FOO_TOKEN: "x",
  };
  const watched = supervise("tells", hostile);
  await vi.waitFor(() => expect(watched.ready).toHaveLength(1), soon);
  const told = watched.supervisor.lastLog()[0] ?? "";
  const { argv, env } = JSON.parse(told) as { argv: string[]; env: Record<string, string> };
  expect(argv).toEqual(["run", "--supervised", "--manner=tells"]);
  for (const name of ["NODE_OPTIONS", "LD_PRELOAD", "OPENSSL_CONF", "NODE_EXTRA_CA_CERTS", "FOO_TOKEN"])
    expect(env).not.toHaveProperty(name);
  expect(told).not.toContain(watched.ready[0]?.secret);
});
