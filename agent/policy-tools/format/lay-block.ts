import { type Expression, formatExpression, formatStringLiteral, type Span, type Word } from "../../policy/index.ts";
import { maxWidth, type Sheet } from "./sheet.ts";

export interface Body {
  /** What stands before the brace. */
  readonly head: string;
  readonly when?: Expression;
  /** Its statements, each on one line. */
  readonly lines: readonly string[];
  /** Never on one line. */
  readonly isBroken?: boolean;
  /** Write the statements on lines of their own. */
  readonly broken: () => void;
}

/** `head { … }` on one line where it fits and holds no comment, else a statement a line. */
export function layBody(sheet: Sheet, at: Span, body: Body): void {
  const statements = [...(body.when === undefined ? [] : [`when ${formatExpression(body.when)}`]), ...body.lines];
  const line = `${body.head} {${statements.map((statement) => ` ${statement}`).join("")} }`;
  sheet.flush(at.offset, 0);
  if (body.isBroken !== true && line.length <= maxWidth && !sheet.hasComment(at)) return sheet.put(0, line);
  sheet.put(0, `${body.head} {`);
  body.broken();
  sheet.flush(at.offset + at.length, 2);
  sheet.put(0, "}");
}

export interface WordsPlace {
  readonly head: string;
  readonly tail: string;
  readonly indent: number;
  /** The block that they belong to. */
  readonly at: Span;
}

/** `["a", "b"]` on one line, else a word a line with a comma behind each. */
export function layWords(sheet: Sheet, words: readonly Word[], { head, tail, indent, at }: WordsPlace): void {
  const line = `${head}[${words.map((word) => formatStringLiteral(word.text)).join(", ")}]${tail}`;
  const first = words[0];
  const last = words.at(-1);
  const inside: Span =
    first && last ? { offset: first.offset, length: last.offset + last.length - first.offset } : { offset: 0, length: 0 };
  sheet.flush(first?.offset ?? at.offset, indent);
  if (first === undefined || (indent + line.length <= maxWidth && !sheet.hasComment(inside))) return sheet.put(indent, line);
  sheet.put(indent, `${head}[`);
  for (const word of words) {
    sheet.flush(word.offset, indent + 2);
    sheet.put(indent + 2, `${formatStringLiteral(word.text)},`);
  }
  sheet.put(indent, `]${tail}`);
}
