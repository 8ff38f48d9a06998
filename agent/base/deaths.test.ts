import { expect, test } from "vitest";
import { Deaths, deathsInARow } from "./deaths.ts";

function watched() {
  let now = 0;
  const deaths = new Deaths({ monotonic: () => now });
  const die = (times: number, everyMs: number) => {
    for (let at = 0; at < times; at += 1) {
      now += everyMs;
      deaths.note();
    }
  };
  return { deaths, die, pass: (ms: number) => (now += ms) };
}

test("who dies again and again is left alone for a while, and then tried again", () => {
  const { deaths, die, pass } = watched();
  die(deathsInARow - 1, 100);
  expect(deaths.wantRest).toBe(false);
  die(1, 100);
  expect(deaths.wantRest).toBe(true);
  pass(10_000);
  expect(deaths.wantRest).toBe(true);
  pass(1);
  expect(deaths.wantRest).toBe(false);
});

test("deaths that lie far apart count each for itself", () => {
  const { deaths, die } = watched();
  die(10, 30_000);
  expect(deaths.wantRest).toBe(false);
});
