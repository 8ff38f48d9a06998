import { afterEach, beforeEach, expect, test } from "vitest";
import { eventDraft } from "./draft.ts";
import { carryOutCut, type CutPlan, planCut } from "./retention.ts";
import { dropTriggers, filedStore, sampleDrafts, type TestDir, testDir } from "./rig.suite.ts";
import { searchRecords } from "./search.ts";
import type { Store } from "./store.ts";
import { verifyRecords } from "./verification.ts";

const start = 1_795_000_000_000;
const pause = () => Promise.resolve();
let dir: TestDir;
const stores: Store[] = [];

beforeEach(() => {
  dir = testDir();
});

afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  dir.remove();
});

function filed(drafts: Parameters<typeof filedStore>[1]): Store {
  const { store } = filedStore(dir.path, drafts);
  stores.push(store);
  return store;
}

function tellCut(plan: CutPlan): Store {
  return filed([eventDraft({ name: "record_cut", detail: { ...plan } }, start)]);
}

test("nothing is changed or deleted, not even by SQL, unless a cut is on the chain", () => {
  const store = filed(sampleDrafts(5));
  expect(() => store.exec("DELETE FROM record WHERE seq = 3")).toThrow("append-only");
  expect(() => store.exec("DELETE FROM record")).toThrow("append-only");
  expect(() => store.exec("UPDATE record SET outcome = 'allow'")).toThrow("append-only");
  expect(() =>
    store.exec("INSERT INTO record SELECT 3, time, kind, outcome, connection, incident, terms, canonical, hash FROM record WHERE seq = 4"),
  ).toThrow();
});

test("by age, what is older goes, the cut is on the chain, and the rest proves itself", async () => {
  filed(sampleDrafts(50, start));
  const store = filed(sampleDrafts(10, start + 1_000_000));
  const plan = planCut(store, { keepMs: 500_000, now: start + 1_100_000 });
  expect(plan).toMatchObject({ through: 100, records: 100, reason: "age" });
  const after = tellCut(plan as CutPlan);
  expect(carryOutCut(after)).toBe(100);
  expect(await verifyRecords(after, { pause })).toMatchObject({ ok: true, first: 101, last: 121 });
  expect(() => after.exec("DELETE FROM record WHERE seq = 101")).toThrow("append-only");
  expect(searchRecords(after, { order: "asc", limit: 1 }).records[0]?.prev).toBe(plan?.hash);
});

test("young records are never cut by age, wherever the clock jumped", () => {
  const store = filed([...sampleDrafts(5, start + 900_000), ...sampleDrafts(5, start)]);
  expect(planCut(store, { keepMs: 500_000, now: start + 1_000_000 })).toBeUndefined();
});

test("by size, enough of the oldest goes to fall below the bound, and the file shrinks", async () => {
  const store = filed(sampleDrafts(1500));
  const bytes = () => Number(store.pragma("page_count", { simple: true })) * 4096;
  const full = bytes();
  const maxBytes = Math.floor(full / 2);
  const plan = planCut(store, { maxBytes, now: start });
  expect(plan?.reason).toBe("size");
  const after = tellCut(plan as CutPlan);
  carryOutCut(after);
  expect(bytes()).toBeLessThan(maxBytes);
  expect(bytes()).toBeGreaterThan(maxBytes / 2);
  expect(planCut(after, { maxBytes, now: start })).toBeUndefined();
  expect(await verifyRecords(after, { pause })).toMatchObject({ ok: true });
});

test("a cut that was interrupted still proves itself, and is finished later", async () => {
  const store = filed(sampleDrafts(30));
  const plan = planCut(store, { keepMs: 1, now: start + 1_000_000 }) as CutPlan;
  const after = tellCut(plan);
  after.exec("DELETE FROM record WHERE seq <= 20");
  expect(await verifyRecords(after, { pause })).toMatchObject({ ok: true, first: 21 });
  expect(carryOutCut(after)).toBe(plan.through - 20);
  expect(await verifyRecords(after, { pause })).toMatchObject({ ok: true, first: plan.through + 1 });
});

test("a second cut follows the first", async () => {
  const store = filed(sampleDrafts(30, start));
  const first = planCut(store, { keepMs: 20, now: start + 35 }) as CutPlan;
  carryOutCut(tellCut(first));
  const second = planCut(filed(sampleDrafts(5, start + 100_000)), { keepMs: 1000, now: start + 100_100 }) as CutPlan;
  expect(second.through).toBeGreaterThan(first.through);
  const after = tellCut(second);
  carryOutCut(after);
  expect(await verifyRecords(after, { pause })).toMatchObject({ ok: true, first: second.through + 1 });
});

test("deleting more than the chain tells of is found", async () => {
  const store = filed(sampleDrafts(30));
  const plan = planCut(store, { keepMs: 30, now: start + 45 }) as CutPlan;
  const after = tellCut(plan);
  carryOutCut(after);
  dropTriggers(after);
  after.exec(`DELETE FROM record WHERE seq = ${plan.through + 1}`);
  expect(await verifyRecords(after, { pause })).toMatchObject({ ok: false });
});

test("a noted head that was cut since is still believed when it is the cut's own, and the last record always stays", async () => {
  const store = filed(sampleDrafts(3));
  const plan = planCut(store, { keepMs: 1, now: start + 1e9 }) as CutPlan;
  expect(plan.through).toBe(5);
  const after = tellCut(plan);
  carryOutCut(after);
  expect(await verifyRecords(after, { pause, head: plan.hash })).toMatchObject({ ok: true, first: 6 });
});
