import { expect, test } from "vitest";
import { createBudget } from "./budget.ts";

test("a burst is served at once, then as many as the rate allows, never more than the burst after a rest", () => {
  let now = 0;
  const budget = createBudget({ burst: 3, perSecond: 10 }, { monotonic: () => now });
  const takeAll = () => {
    let taken = 0;
    while (budget.take()) taken += 1;
    return taken;
  };
  expect(takeAll()).toBe(3);
  now = 200;
  expect(takeAll()).toBe(2);
  now = 60_000;
  expect(takeAll()).toBe(3);
});
