import fc from "fast-check";
import { expect, it } from "vitest";
import { pauseAfter, renewalTime } from "./renewal-time.ts";

const day = 86_400_000;
const lives = fc.record({
  from: fc.integer({ min: 0, max: 2e12 }),
  life: fc.integer({ min: 60_000, max: 4000 * day }),
  before: fc.option(fc.integer({ min: 0, max: 4000 * day }), { nil: undefined }),
  random: fc.double({ min: 0, max: 1, noNaN: true }),
});

it("renews in the second half of a life, and before its end", () => {
  fc.assert(
    fc.property(lives, ({ from, life, before, random }) => {
      const certificate = { validFromDate: new Date(from), validToDate: new Date(from + life) };
      const at = renewalTime(certificate, { renewBeforeMs: before, random });
      expect(at).toBeGreaterThanOrEqual(from + life / 2 - 1);
      expect(at).toBeLessThanOrEqual(from + life);
    }),
  );
});

it("renews in the last third when nothing else is said", () => {
  const certificate = { validFromDate: new Date(0), validToDate: new Date(90 * day) };
  expect(renewalTime(certificate, { random: 0 })).toBe(60 * day);
  expect(renewalTime(certificate, { random: 1 })).toBe(63 * day);
  expect(renewalTime(certificate, { renewBeforeMs: 10 * day, random: 0 })).toBe(80 * day);
});

it("waits longer after each failure, but never longer than some hours", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const pause = pauseAfter(failures, { random, leftMs: -1 });
      expect(pause).toBeGreaterThanOrEqual(45_000);
      expect(pause).toBeLessThanOrEqual(7.5 * 3_600_000);
      expect(pauseAfter(failures + 1, { random, leftMs: -1 })).toBeGreaterThanOrEqual(pause);
      expect(pauseAfter(failures, { random, leftMs: 40_000 })).toBe(10_000);
      expect(pauseAfter(failures, { random, leftMs: 4 })).toBe(1000);
    }),
  );
});
