import { expect, it } from "vitest";
import { nearestWord } from "./nearest-word.ts";
import { formatBytes, formatShortTime, formatTime, parseInstant } from "./units.ts";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [14_200, "14.2 kB"],
  [99_940, "99.9 kB"],
  [99_960, "100 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [1_234_567_890, "1.2 GB"],
  [5e15, "5000 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it("times are local, and today's are short", () => {
  const at = Temporal.PlainDateTime.from("2026-09-21T14:13:20").toZonedDateTime(Temporal.Now.timeZoneId()).epochMilliseconds;
  expect(formatTime(at)).toBe("2026-09-21 14:13:20");
  expect(formatShortTime(at, at + 1000)).toBe("14:13:20");
  expect(formatShortTime(at, at + 86_400_000)).toBe("2026-09-21 14:13:20");
  expect(parseInstant("2026-09-21 14:13:20", 0, undefined)).toBe(at);
});

it.each([
  ["2026-09-21T14:00:00Z", 1_789_999_200_000],
  ["2026-09-21T16:00:00+02:00", 1_789_999_200_000],
  ["yesterday", undefined],
  ["", undefined],
  ["2026-13-01", undefined],
])("the time %s is read as %s", (text, at) => {
  expect(parseInstant(text, 0, undefined)).toBe(at);
});

it("the nearest word is the one that was probably meant, or none", () => {
  const words = ["status", "stop", "policy", "connections"];
  expect(nearestWord("staus", words)).toBe("status");
  expect(nearestWord("sotp", words)).toBe("stop");
  expect(nearestWord("polices", words)).toBe("policy");
  expect(nearestWord("xyz", words)).toBeUndefined();
  expect(nearestWord("", words)).toBeUndefined();
});
