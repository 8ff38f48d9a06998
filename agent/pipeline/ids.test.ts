import fc from "fast-check";
import { expect, test } from "vitest";
import { createIds, incidentOf } from "./ids.ts";

const clockAt = (now: () => number) => ({ now, monotonic: now, after: () => () => undefined });

test("names sort by time and never repeat, even within one millisecond", () => {
  let now = 1_790_000_000_000;
  const ids = createIds({ clock: clockAt(() => now), random: Math.random });
  const made: string[] = [];
  for (let at = 0; at < 5000; at += 1) {
    if (at % 100 === 0) now += 3;
    made.push(ids.nextId());
  }
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made.map((id) => id.slice(0, 11))).size).toBe(made.length);
});

test("names go on growing when the clock is set back", () => {
  let now = 1_790_000_000_000;
  const ids = createIds({ clock: clockAt(() => now), random: () => 0 });
  const before = ids.nextId();
  now -= 3_600_000;
  expect(ids.nextId() > before).toBe(true);
});

test("incidents of one device do not repeat", () => {
  const ids = createIds({ clock: clockAt(() => 1_790_000_000_000), random: () => 0 });
  const incidents = new Set(Array.from({ length: 50_000 }, () => incidentOf(ids.nextId())));
  expect(incidents.size).toBe(50_000);
});

test("every id has an incident of eight letters that survive the telephone", () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      expect(incidentOf(id)).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
      expect(incidentOf(id)).toBe(incidentOf(id));
    }),
  );
});
