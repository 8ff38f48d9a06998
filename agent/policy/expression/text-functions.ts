import { checkedList, checkedText } from "./arithmetic.ts";
import { codePoints, sliceText, textLength } from "./code-points.ts";
import { type FunctionDefinition, func, method } from "./function-definition.ts";
import { EvalError } from "./outcome.ts";

const TEXT_COST = 2;
const BUILD_COST = 8;

function outside(index: number): EvalError {
  return new EvalError(`the index ${index} is outside the text`);
}

function charAt(text: string, index: number): string | EvalError {
  const length = textLength(text);
  if (index < 0 || index > length) return outside(index);
  return sliceText(text, index, index + 1);
}

function substring(text: string, start: number, end: number): string | EvalError {
  const length = textLength(text);
  if (start < 0 || start > length) return outside(start);
  if (end < start || end > length) return outside(end);
  return sliceText(text, start, end);
}

/** Positions count characters, not the halves of surrogate pairs. */
function indexOf(text: string, part: string, from: number): number | EvalError {
  const length = textLength(text);
  if (from < 0 || from > length) return outside(from);
  const tail = sliceText(text, from, length);
  const at = tail.indexOf(part);
  return at < 0 ? -1 : from + textLength(tail.slice(0, at));
}

function lastIndexOf(text: string, part: string, from: number): number | EvalError {
  const length = textLength(text);
  if (from < 0 || from > length) return outside(from);
  const at = text.lastIndexOf(part, sliceText(text, 0, from).length);
  return at < 0 ? -1 : textLength(text.slice(0, at));
}

/** All of them when `most` is negative. An empty `part` stands between characters, not inside a surrogate pair. */
function replace(text: string, [part, by]: readonly [string, string], most: number): string | EvalError {
  if (most === 0) return text;
  const pieces = part === "" ? ["", ...codePoints(text), ""] : text.split(part);
  const count = most < 0 ? pieces.length - 1 : Math.min(most, pieces.length - 1);
  const head = pieces.slice(0, count).reduce((length, piece) => length + piece.length + by.length, 0);
  const built = checkedLength(head + text.length);
  if (built !== undefined) return built;
  const tail = pieces.slice(count).join(part);
  return checkedText(count === 0 ? text : `${pieces.slice(0, count).join(by)}${by}${tail}`);
}

/** Refuse before building what would be too long several times over. */
function checkedLength(length: number): EvalError | undefined {
  return length > 1_000_000 ? new EvalError("the text would be too long") : undefined;
}

function split(text: string, separator: string, most: number): readonly string[] | EvalError {
  if (most === 0) return [];
  const pieces = separator === "" ? codePoints(text) : text.split(separator);
  if (most < 0 || pieces.length <= most) return checkedList(pieces);
  return checkedList([...pieces.slice(0, most - 1), pieces.slice(most - 1).join(separator)]);
}

function join(list: readonly string[], separator: string): string | EvalError {
  const length = list.reduce((sum, text) => sum + text.length + separator.length, 0);
  return checkedLength(length) ?? checkedText(list.join(separator));
}

/** ASCII only, as CEL says: locale has no place in a rule. */
function changeCase(text: string, pattern: RegExp, shift: number): string {
  return text.replaceAll(pattern, (letter) => String.fromCharCode(letter.charCodeAt(0) + shift));
}

/** Unicode's White_Space, which JavaScript's own `trim` misses U+0085 of and adds U+FEFF to. */
const BLANK = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const LEADING = new RegExp(`^${BLANK}+`);
const BLANK_LETTER = new RegExp(BLANK);

function trim(text: string): string {
  let end = text.length;
  while (end > 0 && BLANK_LETTER.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end).replace(LEADING, "");
}

/** The functions of CEL on texts, and its strings extension except `format` and `quote`. */
export const textFunctions: readonly FunctionDefinition[] = [
  func("size", ["string"]).gives("int", textLength, TEXT_COST),
  method("size", ["string"]).gives("int", textLength, TEXT_COST),
  method("startsWith", ["string", "string"]).gives("bool", (text, part) => text.startsWith(part)),
  method("endsWith", ["string", "string"]).gives("bool", (text, part) => text.endsWith(part)),
  method("contains", ["string", "string"]).gives("bool", (text, part) => text.includes(part), TEXT_COST),
  method("charAt", ["string", "int"]).gives("string", charAt, TEXT_COST),
  method("indexOf", ["string", "string"]).gives("int", (text, part) => indexOf(text, part, 0), TEXT_COST),
  method("indexOf", ["string", "string", "int"]).gives("int", indexOf, TEXT_COST),
  method("lastIndexOf", ["string", "string"]).gives("int", (text, part) => lastIndexOf(text, part, textLength(text)), TEXT_COST),
  method("lastIndexOf", ["string", "string", "int"]).gives("int", lastIndexOf, TEXT_COST),
  method("substring", ["string", "int"]).gives("string", (text, start) => substring(text, start, textLength(text)), TEXT_COST),
  method("substring", ["string", "int", "int"]).gives("string", substring, TEXT_COST),
  method("lowerAscii", ["string"]).gives("string", (text) => changeCase(text, /[A-Z]/g, 32), TEXT_COST),
  method("upperAscii", ["string"]).gives("string", (text) => changeCase(text, /[a-z]/g, -32), TEXT_COST),
  method("trim", ["string"]).gives("string", trim, TEXT_COST),
  method("reverse", ["string"]).gives("string", (text) => codePoints(text).reverse().join(""), BUILD_COST),
  method("replace", ["string", "string", "string"]).gives("string", (text, part, by) => replace(text, [part, by], -1), BUILD_COST),
  method("replace", ["string", "string", "string", "int"]).gives(
    "string",
    (text, part, by, most) => replace(text, [part, by], most),
    BUILD_COST,
  ),
  method("split", ["string", "string"]).gives("list<string>", (text, separator) => split(text, separator, -1), BUILD_COST),
  method("split", ["string", "string", "int"]).gives("list<string>", split, BUILD_COST),
  method("join", ["list<string>"]).gives("string", (list) => join(list, ""), BUILD_COST),
  method("join", ["list<string>", "string"]).gives("string", join, BUILD_COST),
];
