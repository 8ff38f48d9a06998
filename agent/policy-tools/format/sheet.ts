import type { Comment, Span } from "../../policy/index.ts";

/** The widest line that a layout makes where it has a choice. */
export const maxWidth = 120;

/**
 * The page that is being written: lines, and the comments that wait for their place. A comment that stood behind code stays behind
 * the code before it; one that had its line keeps a line of its own.
 */
export class Sheet {
  readonly #source: string;
  readonly #comments: readonly Comment[];
  readonly #lines: string[] = [];
  #next = 0;
  /** Whether a comment may still be hung on the last line. */
  #isOpen = false;

  constructor(source: string, comments: readonly Comment[]) {
    this.#source = source;
    this.#comments = comments;
  }

  /** Whether a comment that is not written yet stands inside. */
  hasComment(span: Span): boolean {
    const next = this.#comments[this.#firstFrom(span.offset)];
    return next !== undefined && next.offset < span.offset + span.length;
  }

  /** Write the comments that stand before this offset. */
  flush(before: number, indent: number): void {
    for (;;) {
      const comment = this.#comments[this.#next];
      if (comment === undefined || comment.offset >= before) return;
      this.#next += 1;
      this.#write(comment, indent);
    }
  }

  put(indent: number, text: string): void {
    this.#lines.push(" ".repeat(indent) + text);
    this.#isOpen = true;
  }

  /** Keep the empty line that stood before this offset; several become one. */
  keepGap(before: number): void {
    if (this.#lines.length === 0 || this.#lines.at(-1) === "" || !this.#hasGap(before)) return;
    this.#lines.push("");
    this.#isOpen = false;
  }

  text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  #write(comment: Comment, indent: number): void {
    const text = comment.text.trimEnd();
    const last = this.#lines.at(-1);
    if (this.#isOpen && last !== undefined && this.#isBehindCode(comment)) {
      this.#lines[this.#lines.length - 1] = `${last}  ${text}`;
      this.#isOpen = false;
      return;
    }
    if (indent === 0) this.keepGap(comment.offset);
    this.#lines.push(" ".repeat(indent) + text);
    this.#isOpen = false;
  }

  #isBehindCode({ offset }: Comment): boolean {
    for (let at = offset - 1; at >= 0; at -= 1) {
      const letter = this.#source.charAt(at);
      if (letter === "\n" || letter === "\r") return false;
      if (!/\s/.test(letter)) return true;
    }
    return false;
  }

  #hasGap(offset: number): boolean {
    let lineEnds = 0;
    for (let at = offset - 1; at >= 0 && /\s/.test(this.#source.charAt(at)); at -= 1) {
      const letter = this.#source.charAt(at);
      if (letter === "\n" || (letter === "\r" && this.#source.charAt(at + 1) !== "\n")) lineEnds += 1;
    }
    return lineEnds > 1;
  }

  /** The first waiting comment at or after an offset; they are in the order of the text. */
  #firstFrom(offset: number): number {
    let low = this.#next;
    let high = this.#comments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#comments[middle]?.offset ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
