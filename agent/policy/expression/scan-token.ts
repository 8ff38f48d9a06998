import { limits } from "./limits.ts";
import { scanNumber } from "./scan-number.ts";
import { STRING_START, scanString } from "./scan-string.ts";
import type { Token } from "./token.ts";

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
/** Longest first: `=~` before `=`. */
const MARK = /=~|==|!=|<=|>=|&&|\|\||\?\?|[-+*/%<>!?:,.()[\]{}=]/y;
const NUMBER_START = /\d|\.\d/y;
const QUOTED = /`([A-Za-z0-9_.\-/ ]+)`/y;
const REGEX = /\/((?:[^\\/\r\n]|\\[^\r\n])*)\//y;
/** After one of these a `/` divides; anywhere else it opens a regular expression. */
const CLOSERS: ReadonlySet<string> = new Set([")", "]", "}"]);

/**
 * Read the one token at `offset`, where neither space nor comment stands. It never throws: what cannot be read is a
 * token of kind `bad` that says why. `previous` decides what a `/` means.
 */
export function scanToken(source: string, offset: number, previous: Token | undefined): Token {
  if (offset >= source.length) return { kind: "end", text: "", offset: source.length, length: 0 };
  if (matchAt(STRING_START, source, offset) !== undefined) return scanString(source, offset);
  const word = matchAt(WORD, source, offset);
  if (word !== undefined) return token("word", word, offset);
  if (matchAt(NUMBER_START, source, offset) !== undefined && !isSelectedDigit(source, offset, previous)) return scanNumber(source, offset);
  if (source.charAt(offset) === "`") return scanQuoted(source, offset);
  if (source.charAt(offset) === "/" && expectsOperand(previous)) return scanRegex(source, offset);
  const mark = matchAt(MARK, source, offset);
  if (mark !== undefined) return token("mark", mark, offset);
  const letter = String.fromCodePoint(source.codePointAt(offset) ?? 0);
  return { kind: "bad", text: letter, offset, length: letter.length, value: `the character ${printable(letter)} has no meaning here` };
}

function token(kind: "word" | "mark", text: string, offset: number): Token {
  return { kind, text, offset, length: text.length };
}

function matchAt(pattern: RegExp, source: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(source)?.[0];
}

/** In `a.1` the dot selects and `.1` is no number. */
function isSelectedDigit(source: string, offset: number, previous: Token | undefined): boolean {
  return source.charAt(offset) === "." && previous !== undefined && !expectsOperand(previous);
}

function expectsOperand(previous: Token | undefined): boolean {
  return previous === undefined || (previous.kind === "mark" && !CLOSERS.has(previous.text));
}

function scanQuoted(source: string, offset: number): Token {
  const text = matchAt(QUOTED, source, offset);
  if (text !== undefined) return { kind: "quoted", text, offset, length: text.length, value: text.slice(1, -1) };
  return {
    kind: "bad",
    text: "`",
    offset,
    length: 1,
    value: "a field name in backquotes has letters, digits, '_', '-', '.', '/' or spaces",
  };
}

function scanRegex(source: string, offset: number): Token {
  const text = matchAt(REGEX, source, offset);
  if (text === undefined)
    return { kind: "bad", text: "/", offset, length: 1, value: "this regular expression has no closing '/' on its line" };
  const place = { text, offset, length: text.length };
  const pattern = text.slice(1, -1);
  if (pattern.length > limits.regexLength) {
    return { ...place, kind: "bad", value: `a regular expression may have at most ${limits.regexLength} characters` };
  }
  return { ...place, kind: "regex", value: pattern };
}

function printable(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  return code > 0x20 && code !== 0x7f && code < 0xd800 ? `'${letter}'` : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
