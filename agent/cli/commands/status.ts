import { AgentError, formatDuration } from "../../base/index.ts";
import type { Alarm, BackendStatus, IdentityStatus, ListenerStatus, Status } from "../../contract/index.ts";
import { formatQuestion, formatTouch } from "../answer-questions.ts";
import type { Action } from "../command.ts";
import { printable } from "../printable.ts";
import { type Column, formatTable } from "../table.ts";
import { formatBytes, formatShortTime } from "../units.ts";
import { pause } from "../pause.ts";
import type { World } from "../world.ts";

export const showStatus: Action = async (words, world) => {
  const waitMs = words.duration("wait") ?? 0;
  const status = await waitUntilReady(world, waitMs);
  if (words.has("json")) world.printJson(status);
  else world.print([formatStatus(status, world), ...(await waitingFor(world))].join("\n\n"));
  return waitMs > 0 && status.state !== "ready" ? 1 : 0;
};

/** Ask until the agent is ready or the time is over. What the agent says last counts, and a stranger on its socket ends the waiting. */
async function waitUntilReady(world: World, waitMs: number): Promise<Status> {
  const until = world.clock.monotonic() + waitMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 200)) {
    const status = await askOnce(world);
    const isOver = world.clock.monotonic() >= until || world.signal.aborted;
    if (status instanceof AgentError) {
      if (isOver || status.code !== "AGENT_UNREACHABLE") throw status;
    } else if (status.state === "ready" || isOver) {
      return status;
    }
    await pause(world, pauseMs);
  }
}

async function askOnce(world: World): Promise<Status | AgentError> {
  try {
    const agent = await world.connect();
    return await agent.call("status.get", {});
  } catch (cause) {
    if (cause instanceof AgentError) return cause;
    throw cause;
  }
}

/** What the agent waits for the person for: whoever looks here may be the only one who can answer. */
async function waitingFor(world: World): Promise<string[]> {
  const agent = await world.connect();
  const { questions, touches, hostKeys } = await agent.call("identity.questions", {});
  const left = (expiresAt: number) => world.paint.faint(`${formatDuration(Math.max(0, expiresAt - world.clock.now()))} left`);
  const lines = [
    ...questions.map((one) => `${formatQuestion(one)}; answer with: portail identity unlock  ${left(one.expiresAt)}`),
    ...touches.map(formatTouch),
    ...hostKeys.map(
      (one) =>
        `Is ${printable(one.address)} the right server? It shows ${printable(one.fingerprint)}; answer with: portail hostkeys accept ${printable(one.id)}  ${left(one.expiresAt)}`,
    ),
  ];
  return lines.length === 0 ? [] : [[world.paint.notable("Waits for you"), ...lines.map((line) => `  ${line}`)].join("\n")];
}

export function formatStatus(status: Status, world: Pick<World, "paint" | "width" | "clock" | "version">): string {
  const { paint, clock, width } = world;
  const now = clock.now();
  const state = status.state === "ready" ? paint.good("ready") : paint.notable(status.state);
  const facts = [`pid ${status.pid}`, `up ${formatDuration(now - status.startedAt)}`, formatBytes(status.memoryBytes)];
  const { policy, connections } = status;
  const parts = [
    `${paint.strong(`Portail ${printable(status.version)}`)} is ${state}  ${paint.faint(facts.join(", "))}`,
    [
      `State        ${printable(status.stateDir)}`,
      `Config       ${status.configPath === undefined ? "built-in default" : printable(status.configPath)}`,
      `Policy       ${printable(policy.source)}  ${paint.faint(`${policy.digest.slice(0, 12)}, ${countOf(policy.rules, "rule")}, loaded ${formatShortTime(policy.loadedAt, now)}`)}`,
      `Connections  ${connections.live} living, ${connections.total} since the start, ${connections.refused} refused`,
    ].join("\n"),
    ...section(listenerColumns(world.paint), status.listeners, width),
    ...section(backendColumns(status.backends, now, world.paint), status.backends, width),
    ...section(identityColumns(now), status.identities, width),
    ...status.alarms.map((alarm) => formatAlarm(alarm, now, world)),
  ];
  if (status.version !== world.version)
    parts.push(paint.notable(`This command is of version ${world.version}; restart the agent to bring it up to date.`));
  return parts.join("\n\n");
}

function section<T>(columns: readonly Column<T>[], rows: readonly T[], width: number | undefined): string[] {
  return rows.length === 0 ? [] : [formatTable(columns, rows, width)];
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function formatAlarm(alarm: Alarm, now: number, { paint }: Pick<World, "paint">): string {
  return `${paint.bad("Alarm")} ${alarm.code} since ${formatShortTime(alarm.since, now)}\n  ${printable(alarm.detail)}`;
}

type PaintOf = World["paint"];

const listenerColumns = (paint: PaintOf): readonly Column<ListenerStatus>[] => [
  { title: "LISTENER", cell: (one) => one.name, shrinksTo: 8 },
  { title: "KIND", cell: (one) => one.kind },
  { title: "ADDRESS", cell: (one) => one.addresses.join(" "), shrinksTo: 12 },
  { title: "USERS", cell: (one) => one.users, shrinksTo: 5 },
  { title: "STATE", cell: (one) => one.state, paint: (text, one) => (one.state === "listening" ? paint.good(text) : paint.bad(text)) },
  { title: "LIVING", cell: (one) => String(one.connections), align: "right" },
  { title: "PROBLEM", cell: (one) => one.problem ?? "", shrinksTo: 12 },
];

const backendColumns = (all: readonly BackendStatus[], now: number, paint: PaintOf): readonly Column<BackendStatus>[] => [
  { title: "WAY OUT", cell: (one) => one.name, shrinksTo: 8 },
  { title: "KIND", cell: (one) => one.kind },
  { title: "ADDRESS", cell: (one) => one.address ?? "", shrinksTo: 12 },
  { title: "HEALTH", cell: (one) => one.health, paint: (text, one) => (one.health === "failing" ? paint.bad(text) : text) },
  ...(all.some(({ check }) => check !== undefined) ? [lookedColumn(now)] : []),
  { title: "LIVING", cell: (one) => String(one.connections), align: "right" },
  { title: "PROBLEM", cell: (one) => one.problem ?? "", shrinksTo: 12 },
];

/** Only there where somebody asked for looks. */
const lookedColumn = (now: number): Column<BackendStatus> => ({
  title: "LOOKED AT",
  cell: ({ check }) => (check === undefined ? "" : `${formatShortTime(check.at, now)}, ${formatDuration(check.ms)}`),
});

const identityColumns = (now: number): readonly Column<IdentityStatus>[] => [
  { title: "IDENTITY", cell: (one) => one.name, shrinksTo: 8 },
  { title: "KIND", cell: (one) => one.kind },
  { title: "STATE", cell: (one) => one.state },
  { title: "SUBJECT", cell: (one) => one.subject ?? "", shrinksTo: 12 },
  { title: "EXPIRES", cell: (one) => (one.expiresAt === undefined ? "" : formatShortTime(one.expiresAt, now)) },
  { title: "PROBLEM", cell: (one) => one.problem ?? "", shrinksTo: 12 },
];
