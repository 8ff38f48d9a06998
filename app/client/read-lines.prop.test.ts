import fc from "fast-check";
import { expect, test } from "vitest";
import { createLineReader } from "./read-lines.ts";

const line = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", ""));

test("cut anywhere, even inside a letter, the same lines come out", () => {
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat()), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(""));
      const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
      const reader = createLineReader(1_000_000);
      const read = [0, ...places].flatMap((from, at) => reader.read(bytes.subarray(from, places[at] ?? bytes.length)));
      expect(read).toEqual(lines);
    }),
  );
});

test("a line over the bound is refused as soon as it is, also when its end never comes", () => {
  const reader = createLineReader(10);
  expect(reader.read(Buffer.from("0123456789\n01234"))).toEqual(["0123456789"]);
  expect(() => reader.read(Buffer.from("567890"))).toThrow("longer than 10 bytes");
});

test("bytes that are not UTF-8 are refused, not replaced", () => {
  expect(() => createLineReader(100).read(Buffer.from([0x22, 0xff, 0x22, 0x0a]))).toThrow(TypeError);
});
