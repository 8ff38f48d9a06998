import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { journalFilesIn } from "./journal-file.ts";
import { segmentPath } from "./journal-segment.ts";
import { ManualClock, type TestDir, testDir } from "./rig.suite.ts";

let dir: TestDir;

beforeEach(() => {
  dir = testDir();
});

afterEach(() => {
  dir.remove();
});

/** A clock by which every write takes `ms`. */
class SlowClock extends ManualClock {
  ms = 0;

  override monotonic(): number {
    this.advance(this.ms);
    return super.monotonic();
  }
}

test("a quick disk answers at once, a slow one is waited for elsewhere, and the bytes are the same", async () => {
  const clock = new SlowClock();
  const file = await journalFilesIn(dir.path, clock)(1);
  expect(file.append(Buffer.from("one "))).toEqual({ written: 4 });
  clock.ms = 4;
  expect(file.append(Buffer.from("two "))).toEqual({ written: 4 });
  clock.ms = 0;
  const patient = file.append(Buffer.from("three "));
  expect(patient).toBeInstanceOf(Promise);
  expect(await patient).toEqual({ written: 6 });
  clock.advance(10_000);
  expect(file.append(Buffer.from("four"))).toEqual({ written: 4 });
  await file.close();
  expect(readFileSync(segmentPath(dir.path, 1), "utf8")).toBe("one two three four");
});

test("beside a flush nobody is kept waiting", async () => {
  const file = await journalFilesIn(dir.path, new ManualClock())(1);
  const flushed = file.flush();
  const patient = file.append(Buffer.from("x"));
  expect(patient).toBeInstanceOf(Promise);
  await Promise.all([flushed, patient]);
  expect(file.append(Buffer.from("y"))).toEqual({ written: 1 });
  await file.close();
});

test("what was cut off is written over", async () => {
  const file = await journalFilesIn(dir.path, new ManualClock())(7);
  await file.append(Buffer.from("whole torn"));
  await file.truncate(6);
  await file.append(Buffer.from("new"));
  await file.close();
  expect(readFileSync(segmentPath(dir.path, 7), "utf8")).toBe("whole new");
});
