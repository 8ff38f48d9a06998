import "../no-generated-code.ts";
import type { Change, Questions, StateEvent } from "../../../agent/contract/index.ts";
import {
  type AgentProcess,
  type AppSettings,
  answerCall,
  type BridgeHandlers,
  createBridge,
  defaultAppSettings,
  type PortailBridge,
} from "../../../app/bridge/index.ts";
import { answerAsAgent, type FakeAgent } from "./fake-agent.ts";
import { createFakeRandom } from "./fake-random.ts";
import { createFakeIdentities } from "./fake-identities.ts";
import { fakeStatus } from "./fake-status.ts";
import { createFakeWorld, type FakeWorld } from "./fake-world.ts";
import type { ManualClock } from "./manual-clock.ts";
import type { FakePage, Scenario } from "./scenarios.ts";

/** What a test may do to the fake besides letting time pass. */
export interface FakeControls {
  readonly world: FakeWorld;
  /** Times that a snapshot was asked for. */
  snapshots(): number;
  /** Send changes as the agent would. */
  send(changes: Change[]): void;
  /** Ask the person this, as the agent would. */
  askPerson(questions: Questions): void;
  /** Lose one event on the way: the next one leaves a gap. */
  loseOne(): void;
  setAgent(agent: AgentProcess): void;
  go(screen: "status" | "connections" | "policy" | "audit" | "holds" | "settings" | "identities", id?: string): void;
}

export interface FakeBridge {
  readonly bridge: PortailBridge;
  readonly controls: FakeControls;
}

const stepMs = 250;
const statusEverySteps = 8;
const uptimeMs = 11_520_000;

/** What the fake tells its watchers, and in which order. */
function createNews(page: FakePage, clock: ManualClock, { world, identities }: Pick<FakeAgent, "world" | "identities">) {
  const startAt = clock.now();
  const watchers = new Set<(message: unknown) => void>();
  let agent = agentOf(page, startAt);
  let seq = 100;
  let snapshots = 0;
  const status = () => ({
    ...statusOf(page, world, { now: clock.now(), startedAt: startAt - uptimeMs }),
    identities: identities.list(),
  });
  const snapshot = () => ({
    seq,
    status: status(),
    connections: [...world.connections.values()],
    holds: [...world.holds.values()],
    questions: identities.questions(),
  });
  const tell = (message: unknown) => watchers.forEach((watcher) => watcher(structuredClone(message)));
  const greet = (watcher: (message: unknown) => void) => {
    watcher({ kind: "agent", agent });
    if (agent.state === "running") watcher(structuredClone({ kind: "snapshot", snapshot: snapshot() }));
  };
  return {
    status,
    tell,
    isRunning: () => agent.state === "running",
    snapshots: () => snapshots,
    loseOne: () => {
      seq += 1;
    },
    send: (changes: Change[]) => {
      seq += 1;
      tell({ kind: "event", event: { seq, changes } satisfies StateEvent });
    },
    setAgent: (next: AgentProcess) => {
      agent = next;
      watchers.forEach(greet);
    },
    watch: (onMessage: (message: unknown) => void) => {
      watchers.add(onMessage);
      snapshots += 1;
      queueMicrotask(() => greet(onMessage));
      return () => {
        watchers.delete(onMessage);
      };
    },
  };
}

export function createFakeBridge(page: FakePage, clock: ManualClock): FakeBridge {
  const startAt = clock.now();
  const world = createFakeWorld(page.scenario, createFakeRandom(20_261_122), startAt);
  const identities = createFakeIdentities(page.scenario, startAt);
  const news = createNews(page, clock, { world, identities });
  const { status, send } = news;
  const handlers: BridgeHandlers = {
    agent: answerAsAgent({ page, world, identities, clock, startedAt: startAt - uptimeMs, status, send }),
    app: appHandlers(() => news.setAgent({ state: "running", since: clock.now(), pid: 4129, restarts: 1 })),
  };
  const ask = async (call: string, input: unknown) => structuredClone(await answerCall(handlers, call, structuredClone(input)));
  const bridge = createBridge({ runtime: page.runtime, ask, watch: news.watch }, (cause) => {
    throw cause;
  });
  let steps = 0;
  const beat = () => {
    clock.after(stepMs, beat);
    if (!news.isRunning() || page.scenario === "empty") return;
    steps += 1;
    const changes = world.step(clock.now(), stepMs);
    if (steps % statusEverySteps === 0) changes.push({ kind: "status", status: status() });
    if (changes.length > 0) send(changes);
  };
  clock.after(stepMs, beat);
  const { snapshots, loseOne, setAgent } = news;
  const go: FakeControls["go"] = (screen, id) => news.tell({ kind: "place", place: { screen, ...(id === undefined ? {} : { id }) } });
  const askPerson: FakeControls["askPerson"] = (questions) => send(identities.ask(questions));
  return { bridge, controls: { world, snapshots, send, askPerson, loseOne, setAgent, go } };
}

/** What was carried since the start, before the page was opened. */
const earlierTotal = 2_140;

function statusOf(page: FakePage, world: FakeWorld, { now, startedAt }: { readonly now: number; readonly startedAt: number }) {
  const connections = [...world.connections.values()];
  const live = connections.filter((connection) => connection.state !== "ended").length;
  const refused = connections.filter((connection) => connection.outcome !== "allow").length;
  const total = connections.length + (page.scenario === "empty" ? 0 : earlierTotal);
  const status = fakeStatus(now, startedAt, { live, total, refused });
  return page.scenario === "alarm" ? withAlarms(status) : status;
}

const lastLog = [
  '{"time":"2026-11-22T10:41:58.102Z","level":"info","event":"agent.start","version":"0.1.0"}',
  '{"time":"2026-11-22T10:41:58.190Z","level":"info","event":"policy.loaded","rules":12}',
  '{"time":"2026-11-22T10:41:58.214Z","level":"error","event":"agent.failed","code":"AGENT_LISTEN","detail":"listeners.local: port 1080 is taken by another process"}',
];

function agentOf({ scenario }: FakePage, now: number): AgentProcess {
  const away: Partial<Record<Scenario, AgentProcess>> = {
    crashed: { state: "crash_loop", since: now - 4_000, restarts: 5, lastLog },
    restarting: { state: "restarting", since: now - 400, attempt: 2, retryAt: now + 3_000, lastLog },
    unreachable: { state: "unreachable", since: now - 20_000, detail: "the control socket does not answer", retryAt: now + 5_000 },
    starting: { state: "starting", since: now - 300 },
    "signed-out": { state: "signed_out", since: now },
  };
  return away[scenario] ?? { state: "running", since: now - uptimeMs, pid: 4127, restarts: 0 };
}

function appHandlers(restart: () => void): BridgeHandlers["app"] {
  let settings: AppSettings = defaultAppSettings;
  return {
    "app.about": () => ({
      version: "0.1.0",
      parts: [
        { name: "Electron", version: "45.4.1" },
        { name: "Chromium", version: "154.0" },
        { name: "Node.js", version: "26.10.0" },
      ],
    }),
    "app.settings.get": () => settings,
    "app.settings.set": (change) => {
      settings = { ...settings, ...(change as Partial<AppSettings>) };
      return settings;
    },
    "app.quit": () => ({}),
    "agent.restart": () => {
      restart();
      return {};
    },
    "agent.lastLog": () => ({ lines: lastLog }),
    "window.openLogs": () => ({}),
  };
}

function withAlarms(status: ReturnType<typeof fakeStatus>): ReturnType<typeof fakeStatus> {
  const [local, persona] = status.listeners;
  return {
    ...status,
    alarms: [
      {
        code: "RECORD_UNAVAILABLE",
        detail: "no space left on the device that holds the state directory",
        since: status.startedAt + 9_000_000,
      },
      { code: "AGENT_LISTEN", detail: "orders-db: 127.0.0.1:5432 is taken by postgres (pid 912)", since: status.startedAt + 60_000 },
      { code: "TLS_UNVERIFIED", detail: "backends.lyon.tls.dangerously_skip_verification is set", since: status.startedAt },
    ],
    listeners: local && persona ? [local, { ...persona, state: "failed", problem: "127.0.0.1:5432 is taken by postgres (pid 912)" }] : [],
  };
}
