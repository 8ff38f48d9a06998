import type { Span } from "../policy/index.ts";
import type { Position, Range } from "./protocol.ts";

/** Where offsets of a text lie in the protocol's lines: they end with `\n`, `\r\n` or `\r`, and columns count UTF-16 units from 0. */
export class TextLines {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    this.#starts = [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), (end) => end.index + end[0].length)];
  }

  get count(): number {
    return this.#starts.length;
  }

  /** The offset of a place. A place behind a line's end is its end, and one behind the last line is the text's end (section "Position"). */
  offsetAt({ line, character }: Position): number {
    const start = this.#starts[line];
    return start === undefined ? this.#text.length : Math.min(start + character, this.#endOf(line));
  }

  positionAt(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: Math.max(0, Math.min(offset, this.#endOf(low)) - (this.#starts[low] ?? 0)) };
  }

  rangeOf({ offset, length }: Span): Range {
    return { start: this.positionAt(offset), end: this.positionAt(offset + length) };
  }

  /** A line without its end. */
  textOf(line: number): string {
    return this.#text.slice(this.#starts[line] ?? this.#text.length, this.#endOf(line));
  }

  #endOf(line: number): number {
    const next = this.#starts[line + 1];
    if (next === undefined) return this.#text.length;
    return next - (this.#text.startsWith("\r\n", next - 2) ? 2 : 1);
  }
}

/** The text after changes in their order; a change without a range replaces everything. */
export function applyChanges(text: string, changes: readonly { readonly range?: Range | undefined; readonly text: string }[]): string {
  let changed = text;
  for (const { range, text: inserted } of changes) {
    if (range === undefined) changed = inserted;
    else changed = replaceRange(changed, range, inserted);
  }
  return changed;
}

function replaceRange(text: string, range: Range, inserted: string): string {
  const lines = new TextLines(text);
  const [from, to] = [lines.offsetAt(range.start), lines.offsetAt(range.end)];
  return text.slice(0, Math.min(from, to)) + inserted + text.slice(Math.max(from, to));
}
