/**
 * What is measured. Each measure gives one figure or several for one subject; the table forms ratios inside each round.
 * `goal` is what issue and design promise; `lower` and `upper` bound Portail's ratio to somebody, or its own figure.
 */
import fs from "node:fs";
import { beginLoad, launch, runLoad } from "./bench-stage.mjs";
import { measureDecisions } from "./decisions.mjs";
import { memoryOf, pause, stop, wakeUps } from "./processes.mjs";

const MB = 1e6;
const gigabit = (bytes, seconds) => (bytes * 8) / seconds / 1e9;

/** One direction, so many streams: speed and processor time. */
const stream =
  (clients, direction) =>
  async (stage, subject, { bytes }) => {
    const { seconds, processor } = await runLoad(stage, subject, "stream", { clients, direction, bytes });
    return { speed: gigabit(bytes, seconds), cost: processor / (bytes / 1e9) };
  };

const connections =
  (clients) =>
  async (stage, subject, { seconds: length }) => {
    await runLoad(stage, subject, "connect", { clients, seconds: length / 4 });
    const { count, seconds, processor, median } = await runLoad(stage, subject, "connect", { clients, seconds: length });
    return { rate: count / seconds, cost: (processor / count) * 1e6, median: median * 1e6 };
  };

async function messages(stage, subject, { messages: count }) {
  const { median, p99 } = await runLoad(stage, subject, "message", { count });
  return { median: median * 1e6, p99: p99 * 1e6 };
}

/** A subject that starts anew, with the state of the run before: how long until it accepts connections. */
async function ready(stage, subject) {
  if (subject.child === undefined) return {};
  await stop(subject.child);
  const ms = await launch(stage, subject);
  await pause(1000);
  return { ms, resident: memoryOf(subject.child.pid).resident / MB };
}

/** Nobody uses it: comes after `ready`, so that it has done nothing yet, and waits for what a start sets in motion. */
async function idle(_stage, subject, { idleSeconds }) {
  if (subject.child === undefined) return {};
  const { pid } = subject.child;
  // The thread that files Portail's record leaves ten seconds after its last work.
  await pause(subject.name === "portail" ? 12_000 : 0);
  const before = wakeUps(pid);
  await pause(idleSeconds * 1000);
  return { wakeUps: (wakeUps(pid) - before) / idleSeconds, resident: memoryOf(pid).resident / MB };
}

/** dante needs a process for a few tunnels each; a tenth of the number shows its cost without filling the machine. */
const tunnelsFor = ({ name }, most) => (name === "dante" ? Math.round(most / 10) : most);

/** Two descriptors a tunnel, and some to live. */
const tunnelsPossible = () => {
  const hard = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(fs.readFileSync("/proc/self/limits", "utf8"))?.[1] ?? 1024);
  return Math.floor((hard - 600) / 2);
};

async function tunnels(stage, subject, { tunnels: wanted }) {
  if (subject.child === undefined) return {};
  const count = tunnelsFor(subject, Math.min(wanted, tunnelsPossible()));
  const { pid } = subject.child;
  const before = memoryOf(pid);
  const load = beginLoad(stage, subject, "hold", { clients: 8, count });
  const told = JSON.parse((await load.told) || '{"open":0}');
  await pause(2000);
  const during = memoryOf(pid);
  const woken = wakeUps(pid);
  await pause(4000);
  const figures = {
    each: (during.own - before.own) / told.open / 1000,
    open: told.open,
    resident: during.resident / MB,
    wakeUps: (wakeUps(pid) - woken) / 4,
  };
  await load.finish();
  if (told.open !== count) throw new Error(`${subject.name}: ${told.open} of ${count} tunnels opened`);
  await pause(1000);
  return figures;
}

/** 1 GB to a reader that stops reading: what the proxy holds meanwhile. */
async function stall(stage, subject, { stallSeconds }) {
  if (subject.child === undefined) return {};
  const { pid } = subject.child;
  await pause(200);
  const before = memoryOf(pid).own;
  const load = beginLoad(stage, subject, "stall", { bytes: 1_000_000_000 });
  await load.told;
  let most = before;
  for (let waited = 0; waited < stallSeconds * 10; waited += 1) {
    await pause(100);
    most = Math.max(most, memoryOf(pid).own);
  }
  const report = JSON.parse((await load.finish()) || "{}");
  if (report.failures !== 0) throw new Error(`${subject.name}: the stalled reader did not get everything`);
  return { held: (most - before) / MB };
}

async function decisions(_stage, subject, { decisions: count }) {
  return subject.name === "portail" ? measureDecisions(count) : {};
}

const speedGoals = [
  { of: "microsocks", lower: 6 },
  { of: "dante", lower: 2 },
  { of: "haproxy", lower: 1 },
];
const figure = (key, title, unit, goals = []) => ({ key, title, unit, goals });
const streamFigures = (what, goals, costGoals) => [
  figure("speed", what, "Gbit/s", goals),
  figure("cost", `${what}: processor`, "s/GB", costGoals),
];

/** In the order of the table. `once` is not repeated: it takes long, and it does not scatter. `warm` is run once before it counts. */
export const measures = [
  {
    name: "up",
    run: stream(1, "up"),
    warm: true,
    figures: streamFigures("one stream up", speedGoals, [{ of: "microsocks", upper: 0.25 }]),
  },
  {
    name: "down",
    run: stream(1, "down"),
    warm: true,
    figures: streamFigures("one stream down", speedGoals, [{ of: "microsocks", upper: 0.25 }]),
  },
  { name: "up16", run: stream(16, "up"), figures: streamFigures("16 streams up", [], [{ of: "microsocks", upper: 0.25 }]) },
  { name: "down16", run: stream(16, "down"), figures: streamFigures("16 streams down", [], [{ of: "microsocks", upper: 0.25 }]) },
  {
    name: "connect",
    run: connections(1),
    figures: [
      figure("rate", "connections, one client", "/s", [{ of: "microsocks", lower: 1 }]),
      figure("cost", "connections, one client: processor", "µs", [{ of: "microsocks", upper: 1.2 }]),
    ],
  },
  {
    name: "connect16",
    run: connections(16),
    figures: [
      figure("rate", "connections, 16 clients", "/s", [{ of: "microsocks", lower: 0.6 }]),
      figure("cost", "connections, 16 clients: processor", "µs", [{ of: "microsocks", upper: 1.2 }]),
    ],
  },
  {
    name: "message",
    run: messages,
    warm: true,
    figures: [
      figure("median", "64 bytes there and back, median", "µs", []),
      { ...figure("median", "the same, added by the proxy", "µs", [{ of: "microsocks", upper: 1 }]), minus: "direct" },
    ],
  },
  {
    name: "decision",
    run: decisions,
    once: true,
    figures: [
      figure("median", "decision and record, median", "µs", [{ upper: 300 }]),
      figure("p99", "decision and record, slowest of 100", "µs", []),
    ],
  },
  {
    name: "ready",
    run: ready,
    figures: [figure("ms", "ready after start", "ms", [{ upper: 400 }]), figure("resident", "resident memory a second later", "MB")],
  },
  {
    name: "idle",
    run: idle,
    once: true,
    figures: [
      figure("resident", "resident memory at rest", "MB", [{ upper: 90 }]),
      figure("wakeUps", "wake-ups at rest", "/s", [{ upper: 1 }]),
    ],
  },
  {
    name: "tunnels",
    run: tunnels,
    once: true,
    figures: [
      figure("open", "idle tunnels", "", []),
      figure("each", "memory of an idle tunnel", "kB", [{ upper: 20 }]),
      figure("resident", "resident memory with them", "MB", []),
      figure("wakeUps", "wake-ups with them", "/s", []),
    ],
  },
  { name: "stall", run: stall, once: true, figures: [figure("held", "held for a stalled reader of 1 GB", "MB", [{ upper: 2 }])] },
];
