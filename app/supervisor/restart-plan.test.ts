import { expect, test } from "vitest";
import { planRestart } from "./restart-plan.ts";

test("an agent that lived long is started again within a second, however often it died before", () => {
  const ends = [0, 20_000, 40_000, 60_000, 80_000, 100_000, 120_000];
  expect(planRestart(ends, 20_000)).toMatchObject({ kind: "restart", delayMs: 100 });
});

test("the first restart comes within a tenth of a second", () => {
  expect(planRestart([5], 50)).toEqual({ kind: "restart", delayMs: 100, attempt: 1 });
});

test("an agent that keeps dying young is given up", () => {
  expect(planRestart([0, 10, 20, 30], 5)).toMatchObject({ kind: "restart", delayMs: 2000 });
  expect(planRestart([0, 10, 20, 30, 40], 5)).toEqual({ kind: "give_up", crashes: 5 });
});

test("deaths of an hour ago are forgotten", () => {
  expect(planRestart([0, 1, 2, 3, 3_600_000], 5)).toMatchObject({ kind: "restart", attempt: 1 });
});
