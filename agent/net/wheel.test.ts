import fc from "fast-check";
import { expect, test } from "vitest";
import { StillClock } from "../testing/index.ts";
import { Wheel, WheelEntry } from "./wheel.ts";

test("a deadline is never early and at most a second late, whatever else waits", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ startsAt: fc.nat(400_000), ms: fc.nat(900_000) }), { minLength: 1, maxLength: 50 }), (wishes) => {
      const clock = new StillClock();
      const wheel = new Wheel(clock);
      const lateness: number[] = [];
      for (const { startsAt, ms } of wishes.toSorted((a, b) => a.startsAt - b.startsAt)) {
        clock.pass(Math.max(0, startsAt - clock.time));
        const dueAt = clock.time + ms;
        wheel.arm(new WheelEntry(() => lateness.push(clock.time - dueAt)), ms);
      }
      clock.pass(1_000_000);
      expect(lateness.length).toBe(wishes.length);
      for (const late of lateness) {
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThanOrEqual(1001);
      }
      expect(wheel.size).toBe(0);
      expect(clock.waiting).toBe(0);
    }),
  );
});

test("ten thousand connections wake the machine at most once a second", () => {
  const clock = new StillClock();
  const wheel = new Wheel(clock);
  let fired = 0;
  for (let at = 0; at < 10_000; at += 1) {
    clock.pass(0.5);
    wheel.arm(new WheelEntry(() => (fired += 1)), 30_000);
  }
  clock.wakes = 0;
  clock.pass(60_000);
  expect(fired).toBe(10_000);
  expect(clock.wakes).toBeLessThanOrEqual(60);
});

test("a wheel with nothing on it does not wake, and one with a far deadline sleeps", () => {
  const clock = new StillClock();
  const wheel = new Wheel(clock);
  clock.pass(3_600_000);
  expect(clock.wakes).toBe(0);
  wheel.arm(new WheelEntry(() => undefined), 200_000);
  clock.pass(190_000);
  expect(clock.wakes).toBe(0);
});

test("an entry that was taken off does not fire, and one that is armed again fires once, at the later time", () => {
  const clock = new StillClock();
  const wheel = new Wheel(clock);
  const fired: number[] = [];
  const gone = new WheelEntry(() => fired.push(-1));
  const moved = new WheelEntry(() => fired.push(clock.time));
  wheel.arm(gone, 2000);
  wheel.arm(moved, 2000);
  clock.pass(1000);
  wheel.disarm(gone);
  wheel.disarm(gone);
  wheel.arm(moved, 5000);
  clock.pass(20_000);
  expect(fired).toEqual([6000]);
});

test("an entry may arm itself and take others off while it fires", () => {
  const clock = new StillClock();
  const wheel = new Wheel(clock);
  let turns = 0;
  const other = new WheelEntry(() => expect.unreachable());
  const again: WheelEntry = new WheelEntry(() => {
    turns += 1;
    wheel.disarm(other);
    if (turns < 3) wheel.arm(again, 0);
  });
  // The one armed last is looked at first.
  wheel.arm(other, 1000);
  wheel.arm(again, 1000);
  clock.pass(10_000);
  expect(turns).toBe(3);
});

test("after the machine slept for a day everything overdue fires at once", () => {
  const clock = new StillClock();
  const wheel = new Wheel(clock);
  let fired = 0;
  for (let at = 1; at <= 600; at += 1) wheel.arm(new WheelEntry(() => (fired += 1)), at * 1000);
  clock.time += 86_400_000;
  clock.pass(0);
  expect(fired).toBe(600);
});
