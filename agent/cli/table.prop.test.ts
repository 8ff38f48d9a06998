import fc from "fast-check";
import { expect, it } from "vitest";
import { printable } from "./printable.ts";
import { cutTo, formatTable, textWidth } from "./table.ts";

const row = fc.record({ name: fc.string({ unit: "grapheme", maxLength: 60 }), where: fc.string({ maxLength: 60 }), size: fc.nat() });
const columns = [
  { title: "NAME", cell: (one: { name: string }) => one.name, shrinksTo: 4 },
  { title: "WHERE", cell: (one: { where: string }) => one.where, shrinksTo: 4 },
  { title: "SIZE", cell: (one: { size: number }) => String(one.size), align: "right" as const },
];

it("no line of a table is wider than the terminal, whatever stands in it", () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 10 }), fc.integer({ min: 13, max: 120 }), (rows, width) => {
      const lines = formatTable(columns, rows, width).split("\n");
      expect(lines).toHaveLength(rows.length + 1);
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});

it("a cut text is no wider than asked and begins as the whole one does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, width) => {
      const cut = cutTo(text, width);
      expect(textWidth(cut)).toBeLessThanOrEqual(width);
      expect(text.startsWith(cut.replace(/…$/, "")) || cut === text).toBe(true);
    }),
  );
});

it("printable text holds nothing that a terminal obeys", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      // oxlint-disable-next-line no-control-regex
      expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
  expect(printable("evil\u001b]0;title\u0007.test")).toBe("evil\\x1b]0;title\\x07.test");
});
