import { beforeEach, expect, test } from "vitest";
import type { Passage, PassageState, Request } from "../connection/index.ts";
import { type Change, connectionViewSchema, type FailureCode } from "../contract/index.ts";
import { createLive, type Live } from "./live.ts";

/** A passage that a test walks through its states. */
class FakePassage implements Passage {
  state: PassageState = "judging";
  verdict: Passage["verdict"];
  facts: Passage["facts"];
  backend: string | undefined;
  address: string | undefined;
  up = 0;
  down = 0;
  end: Passage["end"];
  endedAt: number | undefined;
  closedWith: FailureCode | undefined;
  readonly request: Request;
  readonly incident: string;

  constructor(id: string, at = 1000) {
    this.incident = `INC-${id}`;
    this.request = {
      id,
      listener: "local",
      protocol: "socks5",
      transport: "tcp",
      host: `${id}.example`,
      port: 443,
      tls: true,
      origin: { kind: "unix", path: "/run/x" },
      peer: { uid: 1000, user: "ada", exe: "/usr/bin/curl", pid: 7 },
      receivedAt: at,
    };
  }

  close(code: FailureCode): void {
    this.closedWith = code;
  }

  judged(name = "web"): this {
    this.verdict = {
      outcome: "allow",
      rule: { kind: "policy", name, line: 3 },
      policyDigest: "d1",
      failed: [],
      unknown: [],
      stale: [],
      assumed: [],
      log: "summary",
      onChange: "keep",
      backends: [],
      examined: 1,
      rules: 1,
    };
    this.state = "dialling";
    return this;
  }

  opened(): this {
    this.state = "open";
    this.backend = "direct";
    return this;
  }

  ended(end: Passage["end"] = { kind: "served", up: this.up, down: this.down }): this {
    this.state = "ended";
    this.end = end;
    this.endedAt = 2000;
    return this;
  }
}

let timers: { at: number; run: () => void }[];
let now: number;
let live: Live;

function advance(ms: number): void {
  now += ms;
  const due = timers.filter((timer) => timer.at <= now);
  timers = timers.filter((timer) => timer.at > now);
  for (const timer of due) timer.run();
}

const clock = {
  now: () => now,
  monotonic: () => now,
  after: (ms: number, run: () => void) => {
    const timer = { at: now + ms, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((one) => one !== timer);
    };
  },
};

beforeEach(() => {
  timers = [];
  now = 1_000_000;
  live = createLive({ clock, recent: 3 });
});

/** One that has lived and ended. */
function past(id: string, at?: number): FakePassage {
  const passage = new FakePassage(id, at);
  live.observe(passage);
  live.observe(passage.judged());
  live.observe(passage.opened());
  live.observe(passage.ended());
  return passage;
}

test("a connection is seen from its first breath, in the contract's form", () => {
  const passage = new FakePassage("a");
  live.observe(passage);
  expect(live.list()[0]).toMatchObject({ id: "a", state: "judging", program: "/usr/bin/curl" });
  live.observe(passage.judged());
  passage.up = 10;
  passage.down = 20;
  live.observe(passage.opened());
  const [view] = live.list();
  expect(view).toMatchObject({ state: "open", outcome: "allow", rule: { name: "web" }, up: 10, down: 20, backend: "direct" });
  expect(connectionViewSchema.parse(view)).toEqual(view);
});

test("living and ended are listed newest first, as many as asked for", () => {
  past("old", 10);
  for (const [id, at] of [
    ["b", 20],
    ["c", 30],
    ["d", 40],
  ] as const)
    live.observe(new FakePassage(id, at));
  past("e", 35);
  expect(live.list().map((view) => view.id)).toEqual(["d", "e", "c", "b", "old"]);
  expect(live.list(2).map((view) => view.id)).toEqual(["d", "e"]);
});

test("only so many of the ended are remembered, and news about them does not bring them back", () => {
  for (const id of ["a", "b", "c", "d"]) past(id);
  expect([...live.recent()].map((passage) => passage.request.id)).toEqual(["d", "c", "b"]);
  live.observe(new FakePassage("d").ended());
  expect(live.counts).toEqual({ live: 0, total: 4, refused: 0 });
});

test("a connection is found by its id and by its incident, with its verdict, living or ended", () => {
  const living = new FakePassage("a").judged();
  live.observe(living);
  past("b");
  expect(live.find("a")).toBe(living);
  expect(live.find("INC-a")).toBe(living);
  expect(live.find("INC-b")?.verdict?.rule.name).toBe("web");
  expect(live.find("b")?.request.host).toBe("b.example");
  expect(live.find("nobody")).toBeUndefined();
});

test("an ended connection is remembered without holding on to what carried it", () => {
  const original = past("a");
  expect(live.find("a")).not.toBe(original);
});

test("a living connection can be closed, an ended or unknown one cannot", () => {
  const passage = new FakePassage("a");
  live.observe(passage);
  expect(live.close("a")).toBe(true);
  expect(passage.closedWith).toBe("CARRY_CLOSED_BY_PERSON");
  live.observe(passage.ended());
  expect(live.close("a")).toBe(false);
  expect(live.close("nobody")).toBe(false);
});

test("refused and failed ones are counted, and all of them once", () => {
  past("a");
  const refused = new FakePassage("b").judged();
  live.observe(refused);
  live.observe(refused.ended({ kind: "refused", code: "POLICY_DENIED" }));
  live.observe(refused);
  live.observe(new FakePassage("c"));
  expect(live.counts).toEqual({ live: 1, total: 3, refused: 1 });
});

test("a rule's hits are counted once for each connection, with the last ten", () => {
  for (let index = 0; index < 13; index += 1) past(`c${index}`, index);
  expect(live.hits("d1", { kind: "policy", name: "web", line: 3 })).toEqual({
    hits: 13,
    lastHitAt: 12,
    lastConnections: ["c12", "c11", "c10", "c9", "c8", "c7", "c6", "c5", "c4", "c3"],
  });
  expect(live.hits("d2", { kind: "policy", name: "web", line: 3 })).toEqual({ hits: 0, lastConnections: [] });
});

test("living ones can be gone through while they end, for judging them again", () => {
  for (const id of ["a", "b", "c"]) live.observe(new FakePassage(id).judged().opened());
  const seen: string[] = [];
  for (const passage of live.living()) {
    seen.push(passage.request.id);
    live.observe((passage as FakePassage).ended());
  }
  expect(seen).toEqual(["a", "b", "c"]);
  expect(live.counts.live).toBe(0);
  expect(live.countBy("listener").size).toBe(0);
});

test("living ones are counted by listener and by way out", () => {
  live.observe(new FakePassage("a").judged().opened());
  live.observe(new FakePassage("b"));
  expect(live.countBy("listener")).toEqual(new Map([["local", 2]]));
  expect(live.countBy("backend")).toEqual(new Map([["direct", 1]]));
});

test("while nobody watches no timer runs, and after the last watcher left none does", () => {
  past("a");
  live.observe(new FakePassage("b"));
  expect(timers).toHaveLength(0);
  const leave = live.watch(() => undefined);
  advance(0);
  expect(timers).toHaveLength(1);
  leave();
  leave();
  expect(timers).toHaveLength(0);
  live.observe(new FakePassage("c"));
  expect(timers).toHaveLength(0);
});

test("changes are gathered: one for each connection, at most four times a second", () => {
  const told: (readonly Change[])[] = [];
  live.watch((changes) => told.push(changes));
  advance(0);
  const passage = new FakePassage("a");
  live.observe(passage);
  live.observe(passage.judged());
  live.observe(passage.opened());
  advance(249);
  expect(told).toHaveLength(0);
  advance(1);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject([{ kind: "connection", connection: { id: "a", state: "open" } }]);
});

test("bytes are told while they move, and nothing is told while they rest", () => {
  const passage = new FakePassage("a").judged().opened();
  live.observe(passage);
  passage.up = 5;
  const told: (readonly Change[])[] = [];
  live.watch((changes) => told.push(changes));
  for (let index = 0; index < 4; index += 1) advance(250);
  expect(told).toHaveLength(0);
  passage.up = 6;
  advance(250);
  expect(told).toMatchObject([[{ kind: "connection", connection: { up: 6 } }]]);
});

test("nothing ticks for a watcher when no connection lives", () => {
  live.watch(() => undefined);
  advance(0);
  expect(timers).toHaveLength(0);
  past("a");
  expect(timers).toHaveLength(1);
  advance(250);
  expect(timers).toHaveLength(0);
});

test("what is forgotten is told, and what came and went between two tellings is not told at all", () => {
  past("a");
  const told: (readonly Change[])[] = [];
  live.watch((changes) => told.push(changes));
  advance(0);
  for (const id of ["b", "c", "d", "e", "f"]) past(id);
  advance(250);
  const changes = told.flat();
  expect(changes.filter((change) => change.kind === "connection").map((change) => change.connection.id)).toEqual(["d", "e", "f"]);
  expect(changes.filter((change) => change.kind === "forgotten").flatMap((change) => change.ids)).toContain("a");
});

test("a watcher that leaves while being told does not disturb the others", () => {
  let heard = 0;
  const leave = live.watch(() => leave());
  live.watch(() => {
    heard += 1;
  });
  live.observe(new FakePassage("a"));
  advance(250);
  expect(heard).toBe(1);
});
