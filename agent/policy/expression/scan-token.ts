import { limits } from "./limits.ts";
import { scanNumber } from "./scan-number.ts";
import { STRING_START, scanString } from "./scan-string.ts";
import type { Token } from "./token.ts";

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
/** Longest first: `=~` before `=`. */
const MARK = /=~|==|!=|<=|>=|&&|\|\||\?\?|[-+*/%<>!?:,.()[\]{}=]/y;
const ZERO = 48;
const NINE = 57;
const QUOTED = /`([A-Za-z0-9_.\-/ ]+)`/y;
const REGEX = /\/((?:[^\\/\r\n]|\\[^\r\n])*)\//y;
/** After one of these a `/` divides; anywhere else it opens a regular expression. */
const CLOSERS: ReadonlySet<string> = new Set([")", "]", "}"]);

/** What a token can be is known by its first letter; a loader reads millions, so the letter is looked at first. */
type Start = "word" | "digit" | "quote" | "backquote" | "slash" | "other";
const STARTS: readonly Start[] = Array.from({ length: 128 }, (_, code) => startOf(String.fromCharCode(code)));

function startOf(letter: string): Start {
  if (/[A-Za-z_]/.test(letter)) return "word";
  if (/[0-9.]/.test(letter)) return "digit";
  if (/["']/.test(letter)) return "quote";
  if (letter === "`") return "backquote";
  return letter === "/" ? "slash" : "other";
}

/**
 * Read the one token at `offset`, where neither space nor comment stands. It never throws: what cannot be read is a
 * token of kind `bad` that says why. `previous` decides what a `/` means.
 */
export function scanToken(source: string, offset: number, previous: Token | undefined): Token {
  if (offset >= source.length) return { kind: "end", text: "", offset: source.length, length: 0 };
  switch (STARTS[source.charCodeAt(offset)] ?? "other") {
    case "word":
      return scanWord(source, offset);
    case "quote":
      return scanString(source, offset);
    case "digit":
      return isNumberStart(source, offset, previous) ? scanNumber(source, offset) : token("mark", ".", offset);
    case "backquote":
      return scanQuoted(source, offset);
    case "slash":
      return expectsOperand(previous) ? scanRegex(source, offset) : token("mark", "/", offset);
    case "other":
      return scanMark(source, offset);
  }
}

/** `r"…"` begins like a word. */
function scanWord(source: string, offset: number): Token {
  const word = matchAt(WORD, source, offset) ?? source.charAt(offset);
  const next = source.charAt(offset + word.length);
  const isPrefix = word.length <= 2 && (next === '"' || next === "'") && matchAt(STRING_START, source, offset) !== undefined;
  return isPrefix ? scanString(source, offset) : token("word", word, offset);
}

function scanMark(source: string, offset: number): Token {
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

/** `.5` is a number, except in `a.5`, where the dot selects. */
function isNumberStart(source: string, offset: number, previous: Token | undefined): boolean {
  if (source.charAt(offset) !== ".") return true;
  const next = source.charCodeAt(offset + 1);
  return next >= ZERO && next <= NINE && expectsOperand(previous);
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
