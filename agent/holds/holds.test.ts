import { expect, test } from "vitest";
import { type Cancel, type Clock, Leash } from "../base/index.ts";
import type { Ask, Passage } from "../connection/index.ts";
import type { Change, ConnectionView } from "../contract/index.ts";
import { createHolds } from "./index.ts";

/** A clock whose timers run when the test says so. */
function createFakeClock(): Clock & { pass(): void; readonly timers: number } {
  const timers = new Set<() => void>();
  return {
    now: () => 1000,
    monotonic: () => 1000,
    after(_ms, run): Cancel {
      timers.add(run);
      return () => timers.delete(run);
    },
    pass() {
      for (const run of timers) {
        timers.delete(run);
        run();
      }
    },
    get timers() {
      return timers.size;
    },
  };
}

const ask: Ask = { kind: "challenge", asks: [{ what: "reason" }], holdMs: 60_000 };
const passage = (id: string) => ({ request: { id }, verdict: { say: "Say why." } }) as unknown as Passage;
const view = (held: Passage) => ({ id: held.request.id }) as ConnectionView;

function setUp(max?: number) {
  const clock = createFakeClock();
  const changes: Change[] = [];
  const holds = createHolds({ clock, view, publish: (change) => changes.push(change), ...(max === undefined ? {} : { max }) });
  return { clock, changes, holds };
}

test("a waiting connection goes on when the person answers, and its timer is gone", async () => {
  const { clock, changes, holds } = setUp();
  const answer = holds.wait(passage("a"), ask, new Leash());
  expect(holds.list()).toMatchObject([{ id: "a", kind: "challenge", say: "Say why.", expiresAt: 61_000 }]);
  expect(holds.resolve("a", { kind: "go" })).toBe(true);
  expect(await answer).toEqual({ kind: "go" });
  expect(holds.list()).toEqual([]);
  expect(clock.timers).toBe(0);
  expect(changes.map(({ kind }) => kind)).toEqual(["hold", "released"]);
});

test("nobody's answer is a refusal when the time is over", async () => {
  const { clock, holds } = setUp();
  const answer = holds.wait(passage("a"), ask, new Leash());
  clock.pass();
  expect(await answer).toEqual({ kind: "refuse", detail: "nobody answered in time" });
  expect(holds.resolve("a", { kind: "go" })).toBe(false);
});

test("a program that goes away frees its place", async () => {
  const { clock, holds } = setUp();
  const leash = new Leash();
  const answer = holds.wait(passage("a"), ask, leash);
  leash.pull("HANDSHAKE_GONE");
  expect((await answer).kind).toBe("refuse");
  expect(clock.timers).toBe(0);
});

test("beyond the bound one more is refused at once", async () => {
  const { holds } = setUp(1);
  void holds.wait(passage("a"), ask, new Leash());
  expect((await holds.wait(passage("b"), ask, new Leash())).kind).toBe("refuse");
  expect(holds.list()).toHaveLength(1);
});

test("a person's word meets a confirmation and, with words in it, a reason; never a sign-in or another one's approval", async () => {
  const { holds } = setUp();
  const asks = ["confirm", "reason", "approve", "acr"].map((what) => ({ what }));
  const answers = [{ kind: "go" }, { kind: "go", reason: "  " }, { kind: "go", reason: "on call" }] as const;
  const met = answers.map((answer, at) => {
    const id = `hold-${at}`;
    void holds.wait(passage(id), { ...ask, asks }, new Leash());
    holds.resolve(id, answer);
    return [...(holds.answersOf(id) ?? [])];
  });
  expect(met).toEqual([["confirm"], ["confirm"], ["confirm", "reason"]]);
  holds.forget("hold-0");
  expect(holds.answersOf("hold-0")).toBeUndefined();
});

test("a refusal answers nothing", () => {
  const { holds } = setUp();
  void holds.wait(passage("a"), ask, new Leash());
  holds.resolve("a", { kind: "refuse" });
  expect(holds.answersOf("a")).toBeUndefined();
});
