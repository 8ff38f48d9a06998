import { printable } from "./printable.ts";

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
  readonly align?: "right";
  /** Given up width first when the table is too wide, but not below this. */
  readonly shrinksTo?: number;
  /** Applied after the width is settled, so that colours take no room. */
  readonly paint?: (text: string, row: T) => string;
}

const gap = "  ";

/**
 * Rows under titles, every line at most `width` long. Columns that may shrink do so, widest first, with an ellipsis; a column without a
 * word in any row is left out. What stands in the cells is made printable.
 */
export function formatTable<T>(columns: readonly Column<T>[], rows: readonly T[], width: number | undefined): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const kept = [...columns.keys()].filter((index) => cells.some((row) => row[index] !== ""));
  const widths = fitWidths(
    kept.map((index) => ({
      wanted: Math.max(columns[index]?.title.length ?? 0, ...cells.map((row) => textWidth(row[index] ?? ""))),
      least: columns[index]?.shrinksTo,
    })),
    width,
  );
  const line = (texts: readonly string[], row?: T) =>
    kept
      .map((index, place) => {
        const column = columns[index] as Column<T>;
        const filled = fill(texts[index] ?? "", widths[place] ?? 0, column.align);
        return row === undefined || column.paint === undefined ? filled : column.paint(filled, row);
      })
      .join(gap)
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...rows.map((row, index) => line(cells[index] ?? [], row))].join("\n");
}

function fitWidths(
  columns: readonly { readonly wanted: number; readonly least: number | undefined }[],
  width: number | undefined,
): number[] {
  const widths = columns.map((column) => column.wanted);
  if (width === undefined) return widths;
  const available = width - gap.length * (columns.length - 1);
  shrink(
    widths,
    available,
    columns.map(({ least }) => least),
  );
  shrink(
    widths,
    available,
    columns.map(() => minWidth),
  );
  return widths;
}

/** On a very narrow terminal every column gives way, down to two letters and the ellipsis. */
const minWidth = 3;

/** Take from the widest column that may still give, until the sum fits or none may. */
function shrink(widths: number[], available: number, least: readonly (number | undefined)[]): void {
  for (let over = sum(widths) - available; over > 0; over -= 1) {
    let widest: number | undefined;
    for (const [index, width] of widths.entries()) {
      const mayGive = width > (least[index] ?? Number.POSITIVE_INFINITY);
      if (mayGive && (widest === undefined || width > (widths[widest] ?? 0))) widest = index;
    }
    if (widest === undefined) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function fill(text: string, width: number, align: "right" | undefined): string {
  const cut = cutTo(text, width);
  const padding = " ".repeat(Math.max(0, width - textWidth(cut)));
  return align === "right" ? padding + cut : cut + padding;
}

/** The beginning of a text, with an ellipsis for the rest. */
export function cutTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = "";
  let used = 1;
  for (const { segment } of segmentsOf(text)) {
    used += segmentWidth(segment);
    if (used > width) break;
    cut += segment;
  }
  return `${cut}…`;
}

let segmenter: Intl.Segmenter | undefined;

/** What a reader takes for one letter. The segmenter is made when it is needed: names are plain nearly always. */
function segmentsOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** How many cells of a terminal a text takes: East Asian and pictures take two. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return sum([...segmentsOf(text)].map(({ segment }) => segmentWidth(segment)));
}

function segmentWidth(segment: string): number {
  return /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
    segment,
  )
    ? 2
    : 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
