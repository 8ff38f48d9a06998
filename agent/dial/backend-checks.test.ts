import { afterEach, expect, test } from "vitest";
import { StillClock } from "../testing/index.ts";
import { BackendChecks } from "./backend-checks.ts";
import { type DialFailure, dialFailed, type Dialled } from "./dialler.ts";
import { BackendHealth } from "./health.ts";
import type { ProbeOptions } from "./probe-server.ts";

const down: DialFailure = { ...dialFailed("DIAL_BACKEND_DOWN", "gw:1 ECONNREFUSED"), isBackendDown: true };
const open = { kind: "open" } as Dialled;
const clock = new StillClock();
const checks = new BackendChecks(clock);
afterEach(() => checks.close());

function looked(everyMs = 10_000) {
  const health = new BackendHealth({ clock, onChange: () => undefined });
  const looks: ProbeOptions[] = [];
  let answer: Promise<Dialled | DialFailure> = Promise.resolve(down);
  const probe = (options: ProbeOptions) => {
    looks.push(options);
    return answer;
  };
  checks.follow([{ backend: "gw", health, probe, everyMs, timeoutMs: 2000 }]);
  return { health, looks, probe, set: (next: typeof answer): void => void (answer = next) };
}

/** Let timers that are due run, and what they began. */
async function pass(ms: number): Promise<void> {
  clock.pass(ms);
  await new Promise((resolve) => setImmediate(resolve));
}

test("a way out is looked at at once and then as often as asked for; what is found is known, and a mended one rests no longer", async () => {
  const { health, looks, set } = looked();
  await pass(0);
  expect(looks).toHaveLength(1);
  expect(looks[0]).toMatchObject({ backend: "gw", connectMs: 2000 });
  expect(health.current).toMatchObject({ state: "failing", problem: "DIAL_BACKEND_DOWN: gw:1 ECONNREFUSED" });
  expect(health.lastCheck).toMatchObject({ problem: "DIAL_BACKEND_DOWN: gw:1 ECONNREFUSED" });
  for (let at = 0; at < 9; at += 1) await pass(1000);
  expect(looks).toHaveLength(1);
  health.note(down);
  expect(health.isResting()).toBe(true);
  set(Promise.resolve(open));
  await pass(1000);
  expect(looks).toHaveLength(2);
  expect(health.current).toEqual({ state: "healthy" });
  expect(health.lastCheck?.problem).toBeUndefined();
  expect(health.isResting()).toBe(false);
});

test("one that works and is used is left alone", async () => {
  const { health, looks, set } = looked();
  set(Promise.resolve(open));
  await pass(0);
  for (let at = 0; at < 5; at += 1) {
    await pass(9000);
    health.note(open);
    await pass(1000);
  }
  expect(looks).toHaveLength(1);
  await pass(10_000);
  expect(looks).toHaveLength(2);
});

test("reloads make it no more often, and a look that hangs is given up", async () => {
  const { health, looks, probe, set } = looked();
  set(new Promise(() => undefined));
  await pass(0);
  expect(looks[0]?.leash.code).toBeUndefined();
  for (let at = 0; at < 9; at += 1) {
    await pass(1000);
    checks.follow([{ backend: "gw", health, probe, everyMs: 10_000, timeoutMs: 2000 }]);
  }
  expect(looks).toHaveLength(1);
  expect(looks[0]?.leash.code).toBeDefined();
  await pass(1000);
  expect(looks).toHaveLength(2);
  checks.close();
  await pass(100_000);
  expect(looks).toHaveLength(2);
});
