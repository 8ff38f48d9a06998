import { expect, test } from "vitest";
import { Leash } from "../base/index.ts";
import type { Upstream } from "../net/index.ts";
import { StillClock } from "../testing/index.ts";
import { dialFailed, type Dialled } from "./dialler.ts";
import { dialRoutes } from "./dial-routes.ts";
import { BackendHealth, type Health, watchDialler } from "./health.ts";

const open: Dialled = { kind: "open", upstream: {} as unknown as Upstream };
const down: Dialled = { ...dialFailed("DIAL_BACKEND_DOWN", "gw:1 ECONNREFUSED"), isBackendDown: true };

function watched() {
  const clock = new StillClock();
  const told: Health[] = [];
  const health = new BackendHealth({ clock, onChange: (now) => told.push(now) });
  let answer: Dialled = down;
  const tried: string[] = [];
  const dialler = watchDialler({ dial: () => (tried.push("paris"), Promise.resolve(answer)) }, health);
  const second = { dial: () => (tried.push("lyon"), Promise.resolve(open)) };
  const diallers = new Map([
    ["paris", dialler],
    ["lyon", second],
  ]);
  const routes = ["paris", "lyon"].map((backend) => ({ backend, host: "a", port: 1 }));
  const dial = async () => {
    tried.length = 0;
    const dialled = await dialRoutes(routes, { connectMs: 1000, leash: new Leash(), admit: () => true, clock }, diallers);
    return { kind: dialled.kind, tried: [...tried] };
  };
  return { clock, health, told, dial, set: (next: Dialled) => (answer = next) };
}

test("a way out that failed rests: others are tried first until the rest is over", async () => {
  const { clock, dial } = watched();
  expect(await dial()).toEqual({ kind: "open", tried: ["paris", "lyon"] });
  expect(await dial()).toEqual({ kind: "open", tried: ["lyon"] });
  clock.pass(1000);
  expect(await dial()).toEqual({ kind: "open", tried: ["paris", "lyon"] });
  clock.pass(1999);
  expect(await dial()).toEqual({ kind: "open", tried: ["lyon"] });
  clock.pass(1);
  expect((await dial()).tried).toEqual(["paris", "lyon"]);
});

test("health changes are told once, with the reason, and a success forgets all", async () => {
  const { clock, dial, told, set, health } = watched();
  await dial();
  clock.pass(1000);
  await dial();
  expect(told).toEqual([{ state: "failing", problem: "DIAL_BACKEND_DOWN: gw:1 ECONNREFUSED", since: expect.any(Number) as unknown }]);
  clock.pass(2000);
  set(open);
  expect((await dial()).tried).toEqual(["paris"]);
  expect(told.at(-1)).toEqual({ state: "healthy" });
  expect(health.isResting()).toBe(false);
});

test("a destination that refuses says nothing about the way", async () => {
  const { dial, set, health } = watched();
  set(dialFailed("DIAL_REFUSED", "connection refused"));
  await dial();
  expect(health.current).toEqual({ state: "unknown" });
});

test("a way out that rests is tried last, not never", async () => {
  const { dial, set, health } = watched();
  await dial();
  set(open);
  const only = new Map([["paris", watchDialler({ dial: () => Promise.resolve(open) }, health)]]);
  const dialled = await dialRoutes(
    [{ backend: "paris", host: "a", port: 1 }],
    { connectMs: 1, leash: new Leash(), admit: () => true },
    only,
  );
  expect(dialled.kind).toBe("open");
});
