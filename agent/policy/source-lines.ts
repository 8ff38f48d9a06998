import type { Span } from "./expression/index.ts";
import type { Place } from "./policy.ts";

/** Longest part of a line that an excerpt shows. */
const MAX_EXCERPT = 160;
/** In lines that no editor shows, columns count UTF-16 units: counting millions of characters would take longer than reading them. */
const MAX_COUNTED = 100_000;

/** Where offsets of a text lie in lines and columns, both from 1; columns count characters, not UTF-16 units. */
export class SourceLines {
  readonly #text: string;
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  placeOf(span: Span): Place {
    const { line, start } = this.#find(span.offset);
    const isEndless = span.offset - start > MAX_COUNTED;
    const column = (isEndless ? span.offset - start : countCharacters(this.#text.slice(start, span.offset))) + 1;
    return { offset: span.offset, length: span.length, line, column };
  }

  lineOf(offset: number): number {
    return this.#find(offset).line;
  }

  /** The text of a line, without its end. */
  textOf(line: number): string {
    const start = this.#lineStarts()[line - 1] ?? 0;
    const end = this.#lineStarts()[line] ?? this.#text.length + 1;
    return this.#text.slice(start, end - 1).replace(/\r$/, "");
  }

  /** The line with carets under the span, both cut to a window when the line is long, and how many characters the carets cover. */
  excerptOf(span: Span): { readonly excerpt: string; readonly width: number } {
    const { line, start } = this.#find(span.offset);
    const whole = this.textOf(line);
    const at = Math.min(span.offset - start, whole.length);
    const from = at < MAX_EXCERPT - 40 ? 0 : at - 40;
    const shown = whole.slice(from, from + MAX_EXCERPT);
    const carets = Math.max(1, Math.min(span.length, shown.length - (at - from)));
    // Tabs stay tabs and wide characters count once, so that the carets stand under their letters.
    const indent = shown.slice(0, at - from).replace(/[^\t]/gu, " ");
    const width = Math.max(1, countCharacters(shown.slice(at - from, at - from + carets)));
    return { excerpt: `${shown}\n${indent}${"^".repeat(width)}`, width };
  }

  #find(offset: number): { readonly line: number; readonly start: number } {
    const starts = this.#lineStarts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, start: starts[low] ?? 0 };
  }

  #lineStarts(): readonly number[] {
    if (this.#starts !== undefined) return this.#starts;
    const starts = [0];
    for (let at = this.#text.indexOf("\n"); at >= 0; at = this.#text.indexOf("\n", at + 1)) starts.push(at + 1);
    this.#starts = starts;
    return starts;
  }
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
