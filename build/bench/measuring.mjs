/** How figures are taken. Each function gives one figure or several for one subject. */
import fs from "node:fs";
import { beginLoad, launch, runLoad } from "./bench-stage.mjs";
import { measureDecisions } from "./decisions.mjs";
import { memoryOf, pause, stop, wakeUps } from "./processes.mjs";

const MB = 1e6;
const gigabit = (bytes, seconds) => (bytes * 8) / seconds / 1e9;

/** One direction, so many streams: speed and processor time. */
export const stream =
  (clients, direction) =>
  async (stage, subject, { bytes }) => {
    const { seconds, processor } = await runLoad(stage, subject, "stream", { clients, direction, bytes });
    return { speed: gigabit(bytes, seconds), cost: processor / (bytes / 1e9) };
  };

export const connections =
  (clients) =>
  async (stage, subject, { seconds: length }) => {
    await runLoad(stage, subject, "connect", { clients, seconds: length / 4 });
    const { count, seconds, processor, median } = await runLoad(stage, subject, "connect", { clients, seconds: length });
    return { rate: count / seconds, cost: (processor / count) * 1e6, median: median * 1e6 };
  };

export async function messages(stage, subject, { messages: count }) {
  const { median, p99 } = await runLoad(stage, subject, "message", { count });
  return { median: median * 1e6, p99: p99 * 1e6 };
}

/** A subject that starts anew, with the state of the run before: how long until it accepts connections. */
export async function ready(stage, subject) {
  if (subject.child === undefined) return {};
  await stop(subject.child);
  const ms = await launch(stage, subject);
  await pause(1000);
  return { ms, resident: memoryOf(subject.child.pid).resident / MB };
}

/** Nobody uses it: comes after `ready`, so that it has done nothing yet, and waits for what a start sets in motion. */
export async function idle(_stage, subject, { idleSeconds }) {
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

export async function tunnels(stage, subject, { tunnels: wanted }) {
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
export async function stall(stage, subject, { stallSeconds }) {
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

export async function decisions(_stage, subject, { decisions: count }) {
  return subject.name === "portail" ? measureDecisions(count) : {};
}
