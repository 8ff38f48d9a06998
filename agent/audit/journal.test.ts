import { expect, test } from "vitest";
import { formatCause } from "../base/index.ts";
import { genesis, linkHash } from "./chain.ts";
import { eventDraft } from "./draft.ts";
import { Journal } from "./journal.ts";
import type { JournalFile } from "./journal-file.ts";
import { ManualClock } from "./rig.suite.ts";

/** A disk that keeps its bytes in memory, takes a limited number of them, and can be slow or broken. */
class FakeDisk {
  files: { first: number; bytes: Buffer }[] = [];
  space = Number.POSITIVE_INFINITY;
  appends = 0;
  flushes = 0;
  brokenTruncate = false;
  brokenFlush = false;
  brokenOpen = false;

  readonly open = async (first: number): Promise<JournalFile> => {
    if (this.brokenOpen) throw new Error("EMFILE");
    const file = { first, bytes: Buffer.alloc(0) };
    this.files.push(file);
    return {
      append: async (bytes) => {
        this.appends += 1;
        await Promise.resolve();
        const written = Math.min(bytes.length, this.space);
        this.space -= written;
        file.bytes = Buffer.concat([file.bytes, bytes.subarray(0, written)]);
        return written < bytes.length ? { written, cause: new Error("ENOSPC: no space left on device") } : { written };
      },
      truncate: async (size) => {
        if (this.brokenTruncate) throw new Error("EIO");
        file.bytes = file.bytes.subarray(0, size);
      },
      flush: async () => {
        this.flushes += 1;
        if (this.brokenFlush) throw new Error("EIO");
      },
      close: async () => undefined,
    };
  };

  /** Every line of every file, checked against the chain. */
  chain(): { seq: number; name: string }[] {
    let prev = genesis;
    const text = this.files.map((file) => file.bytes.toString()).join("");
    expect(text === "" || text.endsWith("\n")).toBe(true);
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        expect(linkHash(prev, line.slice(65))).toBe(line.slice(0, 64));
        prev = line.slice(0, 64);
        const { seq, body } = JSON.parse(line.slice(65)) as { seq: number; body: { detail: { name: string } } };
        return { seq, name: body.detail.name };
      });
  }
}

function draft(name: string) {
  return eventDraft({ name: "alarm_raised", detail: { name } }, 1);
}

async function journalOn(disk: FakeDisk, over: { sync?: "process" | "full"; segmentBytes?: number } = {}) {
  const clock = new ManualClock();
  const troubles: unknown[] = [];
  let pages = 0;
  const journal = new Journal({
    clock,
    openFile: disk.open,
    sync: "process",
    segmentBytes: 1e9,
    onSegment: () => {
      pages += 1;
    },
    onTrouble: (cause) => troubles.push(cause === undefined ? "mended" : formatCause(cause)),
    ...over,
  });
  await journal.begin({ seq: 0, hash: genesis });
  return { journal, clock, troubles, pages: () => pages };
}

test("records get their numbers and their links in the order in which they came", async () => {
  const disk = new FakeDisk();
  const { journal } = await journalOn(disk);
  await Promise.all(["a", "b", "c"].map((name) => journal.append(draft(name), true)));
  expect(disk.chain()).toEqual([
    { seq: 1, name: "a" },
    { seq: 2, name: "b" },
    { seq: 3, name: "c" },
  ]);
  expect(journal.head?.seq).toBe(3);
});

test("a crowd shares writes", async () => {
  const disk = new FakeDisk();
  const { journal } = await journalOn(disk);
  await Promise.all(Array.from({ length: 100 }, (_, index) => journal.append(draft(String(index)), true)));
  expect(disk.appends).toBe(1);
  expect(disk.chain()).toHaveLength(100);
});

test("an end waits a moment for a verdict to share a write with", async () => {
  const disk = new FakeDisk();
  const { journal, clock } = await journalOn(disk);
  const end = journal.append(draft("end"), false);
  await Promise.resolve();
  expect(disk.appends).toBe(0);
  await Promise.all([journal.append(draft("verdict"), true), end]);
  expect(disk.appends).toBe(1);
  const late = journal.append(draft("late"), false);
  clock.advance(20);
  await late;
  expect(disk.chain().map((one) => one.name)).toEqual(["end", "verdict", "late"]);
});

test("what is appended before the journal begins waits for it", async () => {
  const disk = new FakeDisk();
  const journal = new Journal({
    clock: new ManualClock(),
    openFile: disk.open,
    sync: "process",
    segmentBytes: 1e9,
    onSegment: () => undefined,
    onTrouble: () => undefined,
  });
  const early = journal.append(draft("early"), true);
  await journal.begin({ seq: 0, hash: genesis });
  await early;
  expect(disk.chain()).toEqual([{ seq: 1, name: "early" }]);
});

test("a disk that is full refuses verdicts, raises the alarm, and clears it when it works again", async () => {
  const disk = new FakeDisk();
  const { journal, troubles } = await journalOn(disk);
  disk.space = 0;
  await expect(journal.append(draft("lost"), true)).rejects.toMatchObject({ code: "RECORD_UNAVAILABLE" });
  expect(troubles).toEqual(["ENOSPC: no space left on device"]);
  disk.space = 1e6;
  await journal.append(draft("kept"), true);
  expect(troubles.at(-1)).toBe("mended");
  expect(disk.chain()).toEqual([{ seq: 1, name: "kept" }]);
});

test("a disk that fills up half-way keeps the whole lines and loses only the torn one", async () => {
  for (let space = 0; space < 700; space += 7) {
    const disk = new FakeDisk();
    const { journal } = await journalOn(disk);
    await journal.append(draft("first"), true);
    const size = disk.files[0]?.bytes.length ?? 0;
    disk.space = space;
    const busy = journal.append(draft("a"), true);
    const results = await Promise.allSettled([busy, ...["b", "c"].map((name) => journal.append(draft(name), true))]);
    disk.space = 1e6;
    await journal.append(draft("after"), true);
    const acknowledged = ["a", "b", "c"].filter((_, index) => results[index]?.status === "fulfilled");
    expect(disk.chain().map((one) => one.name)).toEqual(["first", ...acknowledged, "after"]);
    expect(acknowledged.length).toBe(Math.min(3, Math.floor(space / (size - 4))));
  }
});

test("an end that could not be written is refused once, kept, and written when the disk works again", async () => {
  const disk = new FakeDisk();
  const { journal, clock } = await journalOn(disk);
  disk.space = 0;
  const end = journal.append(draft("end"), false);
  const refused = expect(end).rejects.toMatchObject({ code: "RECORD_UNAVAILABLE" });
  clock.advance(20);
  await refused;
  disk.space = 1e6;
  await expect.poll(() => (clock.advance(1000), disk.chain().length), { timeout: 25_000 }).toBe(1);
  expect(disk.chain()).toEqual([{ seq: 1, name: "end" }]);
});

test("nothing is written after a torn line that cannot be cut off", async () => {
  const disk = new FakeDisk();
  const { journal } = await journalOn(disk);
  disk.space = 10;
  await expect(journal.append(draft("torn"), true)).rejects.toThrow();
  disk.space = 1e6;
  disk.brokenTruncate = true;
  await expect(journal.append(draft("refused"), true)).rejects.toMatchObject({ code: "RECORD_UNAVAILABLE" });
  disk.brokenTruncate = false;
  await journal.append(draft("fine"), true);
  expect(disk.chain()).toEqual([{ seq: 1, name: "fine" }]);
});

test("with full sync a verdict waits for the medium, and one that may not be on it is refused but not written twice", async () => {
  const disk = new FakeDisk();
  const { journal, clock } = await journalOn(disk, { sync: "full" });
  await journal.append(draft("a"), true);
  expect(disk.flushes).toBe(1);
  disk.brokenFlush = true;
  const end = journal.append(draft("end"), false);
  const refused = expect(end).rejects.toMatchObject({ code: "RECORD_UNAVAILABLE" });
  clock.advance(20);
  await refused;
  disk.brokenFlush = false;
  await journal.append(draft("b"), true);
  expect(disk.chain().map((one) => one.name)).toEqual(["a", "end", "b"]);
});

test("without full sync the medium is reached within five seconds, and nothing ticks when nothing is written", async () => {
  const disk = new FakeDisk();
  const { journal, clock } = await journalOn(disk);
  await journal.append(draft("a"), true);
  await journal.append(draft("b"), true);
  expect(disk.flushes).toBe(0);
  clock.advance(5000);
  expect(disk.flushes).toBe(1);
  clock.advance(60_000);
  expect(disk.flushes).toBe(1);
});

test("a full segment is followed by the next, named after its first record", async () => {
  const disk = new FakeDisk();
  const { journal, pages } = await journalOn(disk, { segmentBytes: 300 });
  for (let index = 0; index < 10; index += 1) await journal.append(draft(String(index)), true);
  await journal.close();
  expect(pages()).toBeGreaterThan(2);
  expect(disk.chain()).toHaveLength(10);
  for (const file of disk.files.slice(1)) {
    const line = file.bytes.toString().split("\n")[0] ?? "";
    if (line !== "") expect(JSON.parse(line.slice(65))).toMatchObject({ seq: file.first });
  }
});

test("when no further segment can be begun the old one goes on", async () => {
  const disk = new FakeDisk();
  const { journal, pages } = await journalOn(disk, { segmentBytes: 500 });
  disk.brokenOpen = true;
  for (let index = 0; index < 10; index += 1) await journal.append(draft(String(index)), true);
  expect(pages()).toBe(0);
  expect(disk.chain()).toHaveLength(10);
});

test("closing writes what waits and refuses what comes", async () => {
  const disk = new FakeDisk();
  const { journal } = await journalOn(disk);
  const end = journal.append(draft("end"), false);
  await journal.close();
  await end;
  await expect(journal.append(draft("late"), true)).rejects.toMatchObject({ code: "RECORD_UNAVAILABLE" });
  expect(disk.chain()).toEqual([{ seq: 1, name: "end" }]);
});
