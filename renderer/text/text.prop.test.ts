import fc from "fast-check";
import { expect, test } from "vitest";
import { createFormat, formatPrintable, formatPrintableLines, selectLanguage } from "./index.ts";

test("whatever comes in, nothing that turns, hides or controls text comes out", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(formatPrintable(text)).not.toMatch(/[\p{Cc}\u200B-\u200F\u2028-\u202F\u2060-\u206F\uFEFF]/u);
      expect(formatPrintableLines(text).split("\n").length).toBe(text.split("\n").length);
    }),
  );
});

test("ordinary names in any script stay as they are", () => {
  for (const name of ["git.example", "مثال.example", "例え.example", "psql 17", "👩🏽"]) expect(formatPrintable(name)).toBe(name);
});

test("sizes have at most three digits and a unit", () => {
  const { bytes } = createFormat("en");
  const plain = (value: number) => bytes(value).replace("\u00A0", " ");
  expect([0, 999, 1000, 99_949, 999_499, 999_500, 4_200_000, 7e15].map(plain)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "99.9 kB",
    "999 kB",
    "1.0 MB",
    "4.2 MB",
    "7,000 TB",
  ]);
});

test("ages use two units at most", () => {
  const { age } = createFormat("en");
  expect([0, 59_999, 60_000, 3_599_000, 3_600_000, 90_000_000, -5].map((ms) => age(ms).replace("\u00A0", " "))).toEqual([
    "0s",
    "59s",
    "1m 00s",
    "59m 59s",
    "1h 00m",
    "1d 1h",
    "0s",
  ]);
});

test("a language that is not there falls back to one that is", () => {
  expect(selectLanguage("system", ["xx-YY", "en-GB"])).toBe("en");
  expect(selectLanguage("__proto__", [])).toBe("en");
});
