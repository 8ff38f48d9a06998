import { expect, test } from "vitest";
import type { Clock } from "../base/index.ts";
import type { Fact, Request } from "../connection/index.ts";
import type { Owner, Program } from "../platform/index.ts";
import { createAddressSource } from "./address-source.ts";
import { createClientSource } from "./client-source.ts";
import { createContext } from "./context.ts";
import type { FactSource } from "./fact-source.ts";

const NOON_UTC = 1_782_043_200_000; // 2026-06-21T12:00:00Z, a Sunday
const clockAt = (now: () => number): Clock => ({ now, monotonic: now, after: () => () => undefined });
const clock = clockAt(() => NOON_UTC);
const never = new AbortController().signal;

const request: Request = {
  id: "01",
  listener: "local",
  protocol: "socks5",
  transport: "tcp",
  host: "git.corp.example",
  port: 22,
  tls: false,
  origin: { kind: "tcp", address: "127.0.0.1", port: 50_000, localAddress: "127.0.0.1", localPort: 1080 },
  receivedAt: NOON_UTC,
};

const known = (value: Extract<Fact, { kind: "known" }>["value"], source?: string): Fact => ({
  kind: "known",
  value,
  ...(source === undefined ? {} : { source }),
});

/** A small working system: one owner, one program, and a count of what was asked. */
function fakeSystem(owner: Owner, program: Program) {
  const asked: string[] = [];
  const source = createClientSource(
    {
      socketOwner: async (ends) => (asked.push(`owner ${ends.remote.port}`), owner),
      programOf: async () => (asked.push("program"), program),
    },
    { nameOf: async (uid) => (asked.push(`name ${uid}`), uid === 1000 ? "alice" : undefined) },
  );
  return { source, asked };
}
const ALICE: Owner = { kind: "known", uid: 1000, inode: 7 };
const CURL: Program = { kind: "known", pid: 4, exe: "/usr/bin/curl", exeDeleted: false, startTicks: 1 };

test("what a request says is known at once, and what it may leave out is absent", () => {
  const facts = createContext({ clock }).gatherFacts({ ...request, sni: "x.example", headers: new Map([["a", "b"]]) });
  expect(facts.read("request.protocol")).toEqual(known("socks5"));
  expect(facts.read("request.host")).toEqual(known("git.corp.example"));
  expect(facts.read("request.port")).toEqual(known(22));
  expect(facts.read("request.tls")).toEqual(known(false));
  expect(facts.read("request.transport")).toEqual(known("tcp"));
  expect(facts.read("request.sni")).toEqual(known("x.example"));
  expect(facts.read("request.headers")).toEqual(known(new Map([["a", "b"]])));
  expect(facts.read("request.direct")).toEqual(known(false));
  for (const absent of ["request.method", "request.path", "client.cert.subject"]) expect(facts.read(absent)).toEqual({ kind: "absent" });
});

test("a request that is judged again for a direct way out says so", () => {
  expect(createContext({ clock }).gatherFacts(request, { direct: true }).read("request.direct")).toEqual(known(true));
});

test("an address needs no look-up, a name does", async () => {
  const sources = [createAddressSource(async (host) => (host === "git.corp.example" ? { address: "10.1.2.3" } : { why: "no such name" }))];
  const context = createContext({ clock, sources });
  expect(context.gatherFacts({ ...request, host: "192.0.2.1" }).read("request.ip")).toEqual(known("192.0.2.1"));
  const facts = context.gatherFacts(request);
  expect(facts.read("request.ip")).toMatchObject({ kind: "unknown", pending: true });
  expect((await context.fetchFacts({ request, facts }, ["request.ip"], never)).read("request.ip")).toEqual(known("10.1.2.3", "dns"));
});

test("what no source provides is unknown for good, with the reason", () => {
  const facts = createContext({ clock }).gatherFacts(request);
  for (const attribute of ["user.sub", "device.managed", "geo.country", "risk.score", "net.location", "no.such.thing", "time.zone", ""]) {
    expect(facts.read(attribute)).toMatchObject({ kind: "unknown", why: "no source is configured" });
    expect(facts.read(attribute)).not.toHaveProperty("pending", true);
  }
});

test("the program is looked up once for all that is wanted of it, and only then", async () => {
  const { source, asked } = fakeSystem(ALICE, CURL);
  const context = createContext({ clock, sources: [source] });
  const facts = context.gatherFacts({ ...request, peer: { uid: 1000 } });
  expect(facts.read("client.uid")).toEqual(known(1000));
  expect(facts.read("client.exe")).toMatchObject({ kind: "unknown", pending: true });
  expect(asked).toEqual([]);
  const more = await context.fetchFacts({ request, facts }, ["client.exe", "client.unit", "client.user", "request.host"], never);
  expect(more.read("client.exe")).toEqual(known("/usr/bin/curl", "process"));
  expect(more.read("client.unit")).toEqual({ kind: "absent" });
  expect(more.read("client.user")).toEqual(known("alice", "process"));
  expect(asked).toEqual(["owner 50000", "name 1000", "program"]);
});

test("what the listener found out already is not asked again", async () => {
  const { source, asked } = fakeSystem(ALICE, CURL);
  const context = createContext({ clock, sources: [source] });
  const facts = context.gatherFacts({ ...request, peer: { uid: 1000, user: "alice", exe: "/usr/bin/ssh", unit: "a.service" } });
  const more = await context.fetchFacts({ request, facts }, ["client.exe", "client.user", "client.unit", "client.uid"], never);
  expect(more.read("client.exe")).toEqual(known("/usr/bin/ssh"));
  expect(asked).toEqual([]);
});

test("a program that cannot be found is unknown with the system's reason, and not asked for ever", async () => {
  const { source } = fakeSystem({ kind: "unknown", why: "the program has closed the connection" }, CURL);
  const context = createContext({ clock, sources: [source] });
  const facts = await context.fetchFacts({ request, facts: context.gatherFacts(request) }, ["client.exe", "client.uid"], never);
  for (const attribute of ["client.exe", "client.uid"]) {
    expect(facts.read(attribute)).toEqual({ kind: "unknown", why: "the program has closed the connection", source: "process" });
  }
});

test("a connection that changed hands since it was accepted has no program", async () => {
  const { source } = fakeSystem({ kind: "known", uid: 0, inode: 9 }, CURL);
  const context = createContext({ clock, sources: [source] });
  const facts = await context.fetchFacts(
    { request: { ...request, peer: { uid: 1000 } }, facts: context.gatherFacts({ ...request, peer: { uid: 1000 } }) },
    ["client.exe"],
    never,
  );
  expect(facts.read("client.exe")).toMatchObject({ kind: "unknown" });
});

test("a Unix socket's program is found by what the listener was told at accept", async () => {
  const { source, asked } = fakeSystem(ALICE, CURL);
  const context = createContext({ clock, sources: [source] });
  const unix: Request = { ...request, origin: { kind: "unix", path: "/s" }, peer: { uid: 1000, pid: 4 } };
  const facts = await context.fetchFacts({ request: unix, facts: context.gatherFacts(unix) }, ["client.exe"], never);
  expect(facts.read("client.exe")).toEqual(known("/usr/bin/curl", "process"));
  expect(asked).toEqual(["program"]);
});

const sourceThat = (fetch: FactSource["fetch"]): FactSource => ({
  name: "geo",
  provides: ["geo.*"],
  read: () => ({ kind: "unknown", why: "not fetched", pending: true }),
  fetch,
});

test("a source that fails, stays silent or forgets an attribute leaves it unknown and settled", async () => {
  const deadline = new AbortController();
  const silent = sourceThat(() => {
    deadline.abort();
    return new Promise(() => undefined);
  });
  const failing = sourceThat(async () => {
    throw new Error("boom");
  });
  const forgetful = sourceThat(async () => new Map());
  const stubborn = sourceThat(async () => new Map([["geo.country", { kind: "unknown", why: "soon", pending: true } as const]]));
  for (const source of [failing, forgetful, stubborn, silent]) {
    const context = createContext({ clock, sources: [source] });
    const facts = await context.fetchFacts({ request, facts: context.gatherFacts(request) }, ["geo.country"], deadline.signal);
    expect(facts.read("geo.country")).toMatchObject({ kind: "unknown" });
    expect(facts.read("geo.country")).not.toHaveProperty("pending", true);
    const asked = await context.fetchFacts({ request, facts }, ["geo.country"], deadline.signal);
    expect(asked.read("geo.country")).toEqual(facts.read("geo.country"));
  }
});

test("an exact name outranks a group, and an earlier source a later one", () => {
  const says = (name: string, provides: readonly string[]): FactSource => ({
    name,
    provides,
    read: () => known(name),
    fetch: async () => new Map(),
  });
  const sources = [says("groups", ["user.*"]), says("exact", ["user.sub"]), says("late", ["user.sub", "user.*"])];
  const facts = createContext({ clock, sources }).gatherFacts(request);
  expect(facts.read("user.sub")).toEqual(known("exact"));
  expect(facts.read("user.email")).toEqual(known("groups"));
});

test("the time is read in the fixed zone, across its changes", () => {
  let now = NOON_UTC;
  const at = (zone: string): readonly (string | number)[] => {
    const facts = createContext({ clock: clockAt(() => now), zone }).gatherFacts(request);
    return ["time.hour", "time.weekday"].map((attribute) => {
      const fact = facts.read(attribute);
      return fact.kind === "known" ? Number(fact.value) : fact.kind;
    });
  };
  expect(at("UTC")).toEqual([12, 7]);
  expect(at("Europe/Paris")).toEqual([14, 7]);
  expect(at("Pacific/Auckland")).toEqual([0, 1]);
  expect(at("Asia/Kathmandu")).toEqual([17, 7]);
  now = Math.floor(1_774_745_999_000 / 1000) * 1000; // 2026-03-29T00:59:59Z, one second before summer time
  expect(at("Europe/Paris")).toEqual([1, 7]);
  now += 1000;
  expect(at("Europe/Paris")).toEqual([3, 7]);
});

test("one request sees one time, however long its decision takes", async () => {
  let now = NOON_UTC;
  const context = createContext({ clock: clockAt(() => now++), zone: "UTC" });
  const facts = context.gatherFacts(request);
  const first = facts.read("time.now");
  const later = await context.fetchFacts({ request, facts }, ["time.now"], never);
  expect(later.read("time.now")).toEqual(first);
  expect(context.gatherFacts(request).read("time.now")).not.toEqual(first);
});

test("with a clock that is behind what is certain, there is no time", () => {
  const facts = createContext({ clock, latestKnownTime: () => NOON_UTC + 1 }).gatherFacts(request);
  for (const attribute of ["time.now", "time.hour", "time.weekday"]) expect(facts.read(attribute)).toMatchObject({ kind: "unknown" });
});
