import type { Change, ConnectionView, FailureCode, HoldView } from "../../../agent/contract/index.ts";
import { type FakeRandom } from "./fake-random.ts";
import { ruleRef } from "./fake-policy.ts";
import { fakeRefusals, type FakeRequest, fakeRequests } from "./fake-requests.ts";
import { hostileRequests } from "./hostile-requests.ts";
import type { Scenario } from "./scenarios.ts";

/** The laptop's connections, moved along by `step`. */
export interface FakeWorld {
  readonly connections: Map<string, ConnectionView>;
  readonly holds: Map<string, HoldView>;
  /** One step of `ms`: some end, bytes pass, a few new ones come. Returns what changed. */
  step(now: number, ms: number): Change[];
  close(id: string, now: number): Change[];
  resolve(id: string, action: "continue" | "refuse", now: number): Change[];
}

const incidentLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

const incidentOf = (random: FakeRandom) =>
  Array.from({ length: 4 }, () => incidentLetters[random.between(0, incidentLetters.length - 1)]).join("");

interface Opened {
  readonly connection: ConnectionView;
  readonly request: FakeRequest;
  readonly endsAt: number;
}

const liveAtMost = 24;
/** However many are open, about so many move in one step. */
const movingAtMost = 120;

export function createFakeWorld(scenario: Scenario, random: FakeRandom, startAt: number): FakeWorld {
  const connections = new Map<string, ConnectionView>();
  const holds = new Map<string, HoldView>();
  const living = new Map<string, Opened>();
  let count = 0;

  const open = (request: FakeRequest, now: number): ConnectionView => {
    count += 1;
    const id = `c${String(count).padStart(6, "0")}`;
    const connection = connectionOf(request, id, now, request.outcome === "allow" ? undefined : incidentOf(random));
    connections.set(id, connection);
    const lifeMs = request.life * 1000 * (0.4 + random.next() * 1.2);
    if (connection.state === "open") living.set(id, { connection, request, endsAt: now + lifeMs });
    return connection;
  };
  const save = (connection: ConnectionView): Change => {
    connections.set(connection.id, connection);
    if (connection.state === "ended") living.delete(connection.id);
    return { kind: "connection", connection };
  };
  const move = ({ connection, request, endsAt }: Opened, now: number, ms: number): Change => {
    const current = connections.get(connection.id) ?? connection;
    const pulse = random.next() * 2 * (ms / 1000);
    const moved = { ...current, up: current.up + Math.round(request.up * pulse), down: current.down + Math.round(request.down * pulse) };
    return save(
      now < endsAt ? moved : { ...moved, state: "ended", endedAt: now, end: random.next() < 0.93 ? "served" : "CARRY_SERVER_RESET" },
    );
  };
  const step = (now: number, ms: number): Change[] => {
    const busy = Math.min(0.6, movingAtMost / Math.max(1, living.size));
    const changes = [...living.values()].filter(() => random.next() < busy).map((opened) => move(opened, now, ms));
    if (living.size < liveAtMost && random.next() < ms / 900)
      changes.push({ kind: "connection", connection: open(random.pick(fakeRequests), now) });
    if (random.next() < ms / 9000) changes.push({ kind: "connection", connection: open(random.pick(fakeRefusals), now) });
    return changes;
  };

  const world: FakeWorld = {
    connections,
    holds,
    step,
    close: (id, now) => {
      const connection = connections.get(id);
      if (connection === undefined || connection.state === "ended") return [];
      return [save({ ...connection, state: "ended", endedAt: now, end: "CARRY_CLOSED_BY_PERSON" })];
    },
    resolve: (id, action, now) => {
      const hold = holds.get(id);
      const connection = hold && connections.get(hold.connection.id);
      if (connection === undefined) return [];
      holds.delete(id);
      const next: ConnectionView =
        action === "continue"
          ? { ...connection, state: "open", outcome: "allow", backend: "paris" }
          : { ...connection, state: "ended", endedAt: now, end: "POLICY_STEP_UP" };
      if (next.state === "open") living.set(next.id, { connection: next, request: fakeRequests[0], endsAt: now + 30_000 });
      return [{ kind: "released", id }, save(next)];
    },
  };
  populate({ scenario, world, open, step, startAt });
  return world;
}

function endOf({ outcome, fails }: FakeRequest): FailureCode {
  return fails ?? (outcome === "redirect" ? "POLICY_REDIRECT" : "POLICY_DENIED");
}

function connectionOf(request: FakeRequest, id: string, now: number, incident: string | undefined): ConnectionView {
  const refused = request.outcome !== "allow" || request.fails !== undefined;
  return {
    id,
    listener: request.listener,
    protocol: request.protocol,
    host: request.host,
    port: request.port,
    ...(request.method === undefined ? {} : { method: request.method }),
    user: "nadia",
    uid: 1000,
    program: request.program,
    pid: 5000 + Number(id.slice(1)) * 3,
    state: refused ? "ended" : "open",
    outcome: request.outcome,
    rule: request.rule,
    ...(incident === undefined ? {} : { incident }),
    ...(request.backend === undefined ? {} : { backend: request.backend }),
    ...(request.address === undefined ? {} : { address: request.address }),
    startedAt: now,
    ...(refused ? { endedAt: now + 2, end: endOf(request) } : {}),
    up: 0,
    down: 0,
  };
}

interface Populating {
  readonly scenario: Scenario;
  readonly world: FakeWorld;
  readonly open: (request: FakeRequest, now: number) => ConnectionView;
  readonly step: FakeWorld["step"];
  readonly startAt: number;
}

/** What happened before the page was opened. */
function populate({ scenario, world, open, step, startAt }: Populating): void {
  if (scenario === "empty") return;
  if (scenario === "many") return openMany(open, startAt, 5000);
  if (scenario === "hostile") for (const request of hostileRequests) open(request, startAt - 30_000);
  for (const request of [...fakeRequests, ...fakeRefusals]) open(request, startAt - 200_000);
  for (let at = startAt - 180_000; at < startAt; at += 500) step(at, 500);
  if (scenario === "hold") hold(world, open, startAt);
}

function openMany(open: Populating["open"], startAt: number, total: number): void {
  const all = [...fakeRequests, ...fakeRefusals];
  for (let index = 0; index < total; index += 1) {
    const request = all[index % all.length];
    if (request !== undefined)
      open(
        { ...request, host: index % 3 === 0 ? `n${index}.${request.host}` : request.host, life: 100_000 },
        startAt - (total - index) * 40,
      );
  }
}

function hold(world: FakeWorld, open: Populating["open"], startAt: number): void {
  const ask = (request: FakeRequest, holdView: Omit<HoldView, "connection">) => {
    const { endedAt: _ended, end: _end, ...opened } = open(request, startAt - 8_000);
    const connection: ConnectionView = { ...opened, state: "held" };
    world.connections.set(connection.id, connection);
    world.holds.set(holdView.id, { ...holdView, connection });
  };
  const ssh = { ...fakeRequests[0], outcome: "step_up" } as const;
  ask(ssh, {
    id: "h1",
    kind: "step_up",
    asks: [{ what: "amr", value: "hwk" }],
    say: "Touch your security key.",
    expiresAt: startAt + 52_000,
  });
  const psql = {
    ...(fakeRefusals[1] ?? fakeRefusals[0]),
    program: "/usr/bin/psql",
    outcome: "challenge",
    rule: ruleRef("policy", "orders-db"),
  } as const;
  ask(psql, {
    id: "h2",
    kind: "challenge",
    asks: [{ what: "reason" }],
    say: "Outside working hours: say why.",
    expiresAt: startAt + 112_000,
  });
}
