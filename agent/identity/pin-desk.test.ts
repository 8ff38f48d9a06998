import { expect, it } from "vitest";
import { StillClock } from "../testing/index.ts";
import type { PinQuestion } from "./person.ts";
import { PinDesk } from "./pin-desk.ts";

const question: PinQuestion = { identity: "laptop", token: "portail", why: "needed", tries: "unknown", isForOneUse: false };
const pin = new TextEncoder().encode("161803-golden");

function openDesk() {
  const clock = new StillClock();
  let changes = 0;
  const desk = new PinDesk({ clock, onChange: () => (changes += 1) });
  return { clock, desk, changes: () => changes };
}

it("a question says until when it waits, and is gone with its answer", async () => {
  const { clock, desk, changes } = openDesk();
  const asked = desk.ask(question);
  const [shown] = desk.questions();
  expect(shown).toEqual({ ...question, id: "pin-1", expiresAt: clock.now() + 60_000 });
  expect(changes()).toBe(1);
  expect(desk.answer("pin-1", pin)).toBe(true);
  expect(await asked).toBe(pin);
  expect(desk.questions()).toEqual([]);
  expect(changes()).toBe(2);
  expect(desk.answer("pin-1", pin)).toBe(false);
});

it("a question that nobody answers is a no after its time", async () => {
  const { clock, desk } = openDesk();
  const asked = desk.ask(question);
  clock.pass(60_000);
  expect(await asked).toBeUndefined();
  expect(desk.questions()).toEqual([]);
});

it("what is told of an answered question never holds the answer", async () => {
  const { desk } = openDesk();
  const told: string[] = [];
  const wrong = desk.ask({ ...question, why: "wrong" });
  const asked = desk.ask(question);
  told.push(JSON.stringify(desk.questions()));
  desk.answer("pin-2", pin);
  told.push(JSON.stringify(desk.questions()));
  await asked;
  told.push(JSON.stringify(desk.questions()), JSON.stringify(desk.touches()));
  expect(told.join()).not.toContain("161803");
  desk.answer("pin-1", undefined);
  expect(await wrong).toBeUndefined();
});

it("a touch is told once for each key, by its kind, until it is over", () => {
  const { desk } = openDesk();
  const touch = { identity: "laptop", token: "portail", isOver: false };
  desk.announceTouch(touch);
  desk.announceTouch(touch);
  desk.announceTouch({ ...touch, identity: "admin", kind: "keypad" });
  expect(desk.touches()).toEqual([
    { identity: "laptop", token: "portail", kind: "touch" },
    { identity: "admin", token: "portail", kind: "keypad" },
  ]);
  desk.announceTouch({ ...touch, isOver: true });
  expect(desk.touches()).toEqual([{ identity: "admin", token: "portail", kind: "keypad" }]);
});
