import { expect, test } from "vitest";
import { Leash } from "../base/index.ts";
import { Wheel } from "../net/index.ts";
import { StillClock } from "../testing/index.ts";
import { dialFailed } from "./dialler.ts";
import { inTime } from "./in-time.ts";
import { PersonWait } from "./person-wait.ts";

/** Work that never ends, with five seconds to do it. */
function begin() {
  const clock = new StillClock();
  const person = new PersonWait();
  const leash = new Leash();
  let told: unknown;
  const never = new Promise<string>(() => undefined);
  const late = () => dialFailed("DIAL_TIMEOUT", "late");
  void inTime(never, { wheel: new Wheel(clock), leash, connectMs: 5000, abort: () => undefined, late, person }).then((answer) => {
    told = answer;
  });
  const pass = async (ms: number): Promise<unknown> => {
    clock.pass(ms);
    await Promise.resolve();
    return told;
  };
  return { person, leash, pass };
}

test("work that takes too long is given up", async () => {
  const { pass } = begin();
  expect(await pass(4000)).toBeUndefined();
  expect(await pass(2000)).toMatchObject({ code: "DIAL_TIMEOUT" });
});

test("the time of a person does not count, however often somebody else begins to wait for one", async () => {
  const { person, pass } = begin();
  await pass(3000);
  person.begin();
  expect(await pass(100_000)).toBeUndefined();
  person.begin();
  person.end();
  expect(await pass(100_000)).toBeUndefined();
  person.end();
  for (let count = 0; count < 10; count += 1) {
    person.begin();
    person.end();
  }
  expect(await pass(1000)).toBeUndefined();
  expect(await pass(2000)).toMatchObject({ code: "DIAL_TIMEOUT" });
});

test("who begins while a person is waited for has all of the time afterwards, and can still be cut", async () => {
  const clock = new StillClock();
  const person = new PersonWait();
  person.begin();
  const leash = new Leash();
  const options = {
    wheel: new Wheel(clock),
    leash,
    connectMs: 5000,
    abort: () => undefined,
    late: () => dialFailed("DIAL_TIMEOUT", ""),
    person,
  };
  const work = inTime(new Promise<string>(() => undefined), options);
  clock.pass(60_000);
  leash.pull("CARRY_CLIENT_RESET");
  expect(await work).toMatchObject({ code: "CARRY_CLIENT_RESET" });
});
