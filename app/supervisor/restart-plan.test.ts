import { expect, test } from "vitest";
import { type AgentEnd, planRestart } from "./restart-plan.ts";

const crash = (at: number, change: Partial<AgentEnd> = {}): AgentEnd => ({ at, livedMs: 50, wasReady: false, wasKilled: false, ...change });

test("the first restart comes within a tenth of a second", () => {
  expect(planRestart([crash(5)])).toEqual({ kind: "restart", delayMs: 50, attempt: 1 });
});

test("a healthy agent that is killed is started again at once, a hundred times over", () => {
  const kills = Array.from({ length: 100 }, (_, at) => crash(at * 500, { wasReady: true, wasKilled: true }));
  expect(planRestart(kills)).toMatchObject({ kind: "restart", delayMs: 50 });
});

test("an agent that lived long is started again at once, however often it died before", () => {
  const ends = [0, 10_000, 20_000, 30_000, 40_000, 50_000].map((at) => crash(at, { livedMs: 20_000, wasReady: true }));
  expect(planRestart(ends)).toMatchObject({ kind: "restart", delayMs: 50 });
});

test("an agent that keeps failing young waits longer each time and is then given up", () => {
  const ends = [0, 10, 20, 30].map((at) => crash(at));
  expect(planRestart(ends)).toMatchObject({ kind: "restart", delayMs: 2000 });
  expect(planRestart([...ends, crash(40)])).toEqual({ kind: "give_up", failures: 5 });
});

test("an agent that cannot even start is given up although it is killed each time", () => {
  const ends = [0, 10, 20, 30, 40].map((at) => crash(at, { wasKilled: true }));
  expect(planRestart(ends)).toMatchObject({ kind: "give_up" });
});

test("failures of an hour ago are forgotten", () => {
  expect(planRestart([crash(0), crash(1), crash(2), crash(3), crash(3_600_000)])).toMatchObject({ kind: "restart", attempt: 1 });
});
