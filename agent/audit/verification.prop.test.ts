import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dropTriggers, filedStore, sampleDrafts, type TestDir, testDir } from "./rig.suite.ts";
import { prepareReading, type Store } from "./store.ts";
import type { StoredRecord } from "./stored-record.ts";
import { verifyRecords } from "./verification.ts";

const COUNT = 40;
let dir: TestDir;
let store: Store;
let rows: readonly StoredRecord[];
let head: string;

beforeEach(() => {
  dir = testDir();
  const filed = filedStore(dir.path, sampleDrafts(COUNT / 2));
  store = filed.store;
  head = filed.heads.at(-1)?.hash ?? "";
  dropTriggers(store);
  rows = prepareReading<[], StoredRecord>(store, "SELECT * FROM record ORDER BY seq").all();
});

afterEach(() => {
  store.close();
  dir.remove();
});

const pause = () => Promise.resolve();

/** Lay `changed` in place of the record, ask for a proof, and put everything back. */
async function verifyWith(changed: readonly StoredRecord[], wanted?: string) {
  replaceAll(changed);
  const result = await verifyRecords(store, { pause, ...(wanted === undefined ? {} : { head: wanted }) });
  replaceAll(rows);
  return result;
}

function replaceAll(with_: readonly StoredRecord[]): void {
  const insert = store.prepare(
    "INSERT INTO record VALUES (@seq, @time, @kind, @outcome, @connection, @incident, @terms, @canonical, @hash)",
  );
  store.transaction(() => {
    store.exec("DELETE FROM record");
    for (const row of with_) insert.run(row);
  })();
}

const place = fc.nat(COUNT - 1);

test("an untouched record proves itself, with and without the noted head", async () => {
  expect(await verifyWith(rows)).toEqual({ ok: true, records: COUNT, first: 1, last: COUNT, head });
  expect(await verifyWith(rows, head)).toMatchObject({ ok: true });
  expect(await verifyWith(rows, rows[3]?.hash)).toMatchObject({ ok: true });
});

test("any change of one character in any column of any record is found, at that record", async () => {
  const columns = ["time", "kind", "outcome", "connection", "incident", "terms", "canonical", "hash"] as const;
  await fc.assert(
    fc.asyncProperty(place, fc.constantFrom(...columns), fc.nat(), fc.integer({ min: 1, max: 255 }), async (index, column, at, flip) => {
      const row = rows[index] as StoredRecord;
      const value = row[column];
      const changed = typeof value === "number" ? value + flip : flipOne(value ?? "", at, flip);
      const result = await verifyWith(rows.with(index, { ...row, [column]: changed }));
      expect(result.ok).toBe(false);
      expect(result.problem?.seq).toBe(row.seq);
    }),
    { numRuns: 150 },
  );
});

test("removing any run of records is found; cutting off the end is found by the noted head", async () => {
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 1, max: COUNT }), async (from, length) => {
      const left = rows.toSpliced(from, length);
      const atEnd = from + length >= COUNT;
      expect(await verifyWith(left, head)).toMatchObject({ ok: false });
      expect((await verifyWith(left)).ok).toBe(atEnd);
    }),
    { numRuns: 60 },
  );
});

test("swapping any two records is found", async () => {
  await fc.assert(
    fc.asyncProperty(place, place, fc.boolean(), async (a, b, renumber) => {
      fc.pre(a !== b);
      const first = rows[a] as StoredRecord;
      const second = rows[b] as StoredRecord;
      // Two rows cannot share a number, so a swap means that each takes the other's.
      const numbered = (row: StoredRecord, seq: number) => ({
        ...row,
        seq,
        canonical: renumber ? renumbered(row.canonical, seq) : row.canonical,
      });
      const changed = rows.with(a, numbered(second, first.seq)).with(b, numbered(first, second.seq));
      expect((await verifyWith(changed)).problem?.seq).toBe(Math.min(first.seq, second.seq));
    }),
    { numRuns: 60 },
  );
});

test("inserting a record anywhere is found, even with a digest that fits the one before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: COUNT - 2 }), async (after) => {
      const { linkHash } = await import("./chain.ts");
      const before = rows[after] as StoredRecord;
      const seq = before.seq + 1;
      const canonical = renumbered(before.canonical, seq);
      const forged = { ...before, seq, canonical, hash: linkHash(before.hash, canonical) };
      const moved = rows.slice(after + 1).map((row) => ({ ...row, seq: row.seq + 1 }));
      const result = await verifyWith([...rows.slice(0, after + 1), forged, ...moved]);
      expect(result.problem?.seq).toBe(seq + 1);
    }),
    { numRuns: 40 },
  );
});

test("a cut that the chain does not tell of is found", async () => {
  const told = rows[9] as StoredRecord;
  store.prepare("INSERT INTO cut VALUES (?, ?, ?)").run(20, told.seq, told.hash);
  expect((await verifyWith(rows.slice(10))).problem?.message).toContain("no record tells of a cut");
});

test("a record that is gone altogether is found by the noted head", async () => {
  expect(await verifyWith([], head)).toMatchObject({ ok: false, records: 0 });
});

function flipOne(text: string, at: number, flip: number): string {
  if (text.length === 0) return "x";
  const index = at % text.length;
  return text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ flip) + text.slice(index + 1);
}

function renumbered(canonical: string, seq: number): string {
  return canonical.replace(/"seq":\d+/, `"seq":${seq}`);
}
