import { createServer } from "node:net";
import { once } from "node:events";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Wheel } from "../net/index.ts";
import { StillClock } from "../testing/index.ts";
import { interleaveFamilies } from "./attempts.ts";
import { type Behaviour, pass, rig } from "./dial-rig.suite.ts";
import { dialFailed } from "./dialler.ts";
import { createDirectDialler } from "./direct.ts";

const route = { backend: "direct", host: "db.corp.example", port: 5432 };

test("an address is connected to without asking any name server", async () => {
  const { clock, options, direct } = rig({ "192.0.2.1": { afterMs: 5 } }, { resolve: () => Promise.reject(new Error("asked")) });
  const dialling = createDirectDialler(direct).dial({ ...route, host: "192.0.2.1" }, options);
  await pass(clock, 10);
  expect(await dialling).toMatchObject({
    kind: "open",
    upstream: { backend: "direct", remote: { address: "192.0.2.1", port: 5432 }, local: { address: "192.0.2.9", port: 9 } },
  });
});

test("a second address is tried a quarter of a second after the first, and the first to answer wins", async () => {
  const { clock, network, options, direct } = rig({
    "2001:db8::1": "silent",
    "192.0.2.1": { afterMs: 20 },
  });
  const dialling = createDirectDialler(direct).dial(route, options);
  await pass(clock, 249);
  expect(network.tried.map(({ address }) => address)).toEqual(["2001:db8::1"]);
  await pass(clock, 50);
  expect(await dialling).toMatchObject({ kind: "open", upstream: { remote: { address: "192.0.2.1" } } });
  expect(network.tried[1]).toEqual({ address: "192.0.2.1", at: 250 });
  expect(network.cancelled).toEqual(["2001:db8::1"]);
  await pass(clock, 60_000);
  expect(clock.waiting).toBe(0);
});

test("when the first address fails the next is tried at once", async () => {
  const { clock, network, options, direct } = rig({
    "2001:db8::1": { afterMs: 1, error: "ENETUNREACH" },
    "192.0.2.1": { afterMs: 1 },
  });
  const dialling = createDirectDialler(direct).dial(route, options);
  await pass(clock, 5);
  expect((await dialling).kind).toBe("open");
  expect(network.tried.map(({ at }) => at)).toEqual([0, 1]);
});

test.each([
  ["ECONNREFUSED", "DIAL_REFUSED"],
  ["ECONNRESET", "DIAL_RESET"],
  ["ETIMEDOUT", "DIAL_TIMEOUT"],
  ["EHOSTUNREACH", "DIAL_UNREACHABLE"],
  ["ENETUNREACH", "DIAL_UNREACHABLE"],
  ["EMFILE", "DIAL_RESOURCES"],
  ["EADDRNOTAVAIL", "DIAL_RESOURCES"],
  ["ESOMETHINGNEW", "DIAL_UNREACHABLE"],
])("%s is reported as %s", async (error, code) => {
  const { clock, options, direct } = rig({ "192.0.2.1": { afterMs: 1, error } });
  const dialling = createDirectDialler(direct).dial(route, options);
  await pass(clock, 5);
  expect(await dialling).toMatchObject({ kind: "failed", code, detail: `192.0.2.1:5432 ${error}` });
});

test("of several failures the most telling one is the code, and the detail names them all", async () => {
  const { clock, options, direct } = rig({
    "2001:db8::1": { afterMs: 1, error: "ENETUNREACH" },
    "192.0.2.1": { afterMs: 1, error: "ECONNREFUSED" },
    "192.0.2.2": "silent",
  });
  const dialling = createDirectDialler(direct).dial(route, options);
  await pass(clock, 12_000);
  expect(await dialling).toEqual({
    kind: "failed",
    code: "DIAL_REFUSED",
    detail: "[2001:db8::1]:5432 ENETUNREACH, 192.0.2.1:5432 ECONNREFUSED, 192.0.2.2:5432 ETIMEDOUT",
  });
});

test("a server that never answers is given up in time", async () => {
  const { clock, network, options, direct } = rig({ "192.0.2.1": "silent" }, { connectMs: 5000 });
  const dialling = createDirectDialler(direct).dial(route, options);
  await pass(clock, 4000);
  expect(network.cancelled).toEqual([]);
  await pass(clock, 3000);
  expect(await dialling).toMatchObject({ code: "DIAL_TIMEOUT" });
  expect(network.cancelled).toEqual(["192.0.2.1"]);
});

test("a name server that never answers is given up in time, too", async () => {
  const { clock, options, direct } = rig({}, { connectMs: 5000, resolve: () => new Promise(() => undefined) });
  const dialling = createDirectDialler(direct).dial(route, options);
  await pass(clock, 7000);
  expect(await dialling).toMatchObject({ code: "DIAL_NAME_FAILED" });
});

test("what the resolver says is passed on", async () => {
  const { clock, options, direct } = rig(
    {},
    { resolve: (name) => Promise.resolve(dialFailed("DIAL_NAME_NOT_FOUND", `${name} does not exist`)) },
  );
  const dialling = createDirectDialler(direct).dial(route, options);
  await pass(clock, 0);
  expect(await dialling).toEqual({ kind: "failed", code: "DIAL_NAME_NOT_FOUND", detail: "db.corp.example does not exist" });
});

test("an address that is not admitted is never connected to", async () => {
  const asked: string[] = [];
  const { clock, network, options, direct } = rig(
    { "127.0.0.1": { afterMs: 1 }, "192.0.2.1": { afterMs: 1 } },
    {
      admit: (address) => {
        asked.push(address);
        return Promise.resolve(address !== "127.0.0.1");
      },
    },
  );
  const dialling = createDirectDialler(direct).dial(route, options);
  await pass(clock, 5);
  expect(asked).toEqual(["127.0.0.1", "192.0.2.1"]);
  expect(network.tried.map(({ address }) => address)).toEqual(["192.0.2.1"]);
  expect((await dialling).kind).toBe("open");
});

test("a name with no admitted address is refused for that reason", async () => {
  const { clock, network, options, direct } = rig({ "127.0.0.1": { afterMs: 1 } }, { admit: () => false });
  const dialling = createDirectDialler(direct).dial(route, options);
  await pass(clock, 5);
  expect(await dialling).toMatchObject({ code: "DIAL_ADDRESS_DENIED" });
  expect(network.tried).toEqual([]);
});

test("a name that leads to one of our own listeners is a loop", async () => {
  const { clock, network, options, direct } = rig(
    { "127.0.0.1": { afterMs: 1 } },
    { isOwnListener: (address, port) => address === "127.0.0.1" && port === 5432 },
  );
  const dialling = createDirectDialler(direct).dial(route, options);
  await pass(clock, 5);
  expect(await dialling).toMatchObject({ code: "DIAL_LOOP" });
  expect(network.tried).toEqual([]);
});

test.each(["before", "while resolving", "while connecting", "while racing"] as const)(
  "a pulled leash gives up %s, and leaves nothing behind",
  async (when) => {
    const behaviours: Record<string, Behaviour> =
      when === "while racing" ? { "192.0.2.1": "silent", "192.0.2.2": "silent" } : { "192.0.2.1": "silent" };
    const { clock, network, leash, options, direct } = rig(
      behaviours,
      when === "while resolving" ? { resolve: () => new Promise(() => undefined) } : {},
    );
    if (when === "before") leash.pull("CARRY_CLIENT_RESET");
    const dialling = createDirectDialler(direct).dial(route, options);
    await pass(clock, 300);
    leash.pull("CARRY_CLIENT_RESET");
    expect(await dialling).toMatchObject({ kind: "failed", code: "CARRY_CLIENT_RESET" });
    expect(network.cancelled.length).toBe(network.tried.length);
    await pass(clock, 60_000);
    expect(clock.waiting).toBe(0);
  },
);

test("families alternate, the resolver's first choice leads, and no address is lost", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 5 }), fc.uniqueArray(fc.ipV6(), { maxLength: 5 }), (four, six) => {
      const mixed = [...six, ...four];
      const ordered = interleaveFamilies(mixed);
      expect(ordered.toSorted()).toEqual(mixed.toSorted());
      expect(ordered[0]).toBe(mixed[0]);
      // Within a family the resolver's order stands, and the families alternate while both have addresses left.
      expect(ordered.filter((address) => address.includes(":"))).toEqual(six);
      expect(ordered.filter((address) => !address.includes(":"))).toEqual(four);
      const both = Math.min(four.length, six.length) * 2;
      for (let at = 1; at < both; at += 1) expect(ordered[at]?.includes(":")).not.toBe(ordered[at - 1]?.includes(":"));
    }),
  );
});

test("the kernel's own refusal and success are understood", async () => {
  const server = createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const clock = new StillClock();
  const { options, direct } = rig({});
  const { connect: _, ...real } = direct;
  const dialler = createDirectDialler({ ...real, clock, wheel: new Wheel(clock) });
  const opened = await dialler.dial({ ...route, host: "127.0.0.1", port }, options);
  if (opened.kind !== "open") throw new Error(opened.detail);
  expect((await opened.upstream.leg.take(5)).toString()).toBe("hello");
  expect(opened.upstream.local.address).toBe("127.0.0.1");
  opened.upstream.leg.destroy();
  server.close();
  await once(server, "close");
  expect(await dialler.dial({ ...route, host: "127.0.0.1", port }, options)).toMatchObject({ code: "DIAL_REFUSED" });
});
