import { parseDuration } from "../../base/index.ts";
import { limits } from "./limits.ts";
import type { Token } from "./token.ts";

/** Digits with all that may hang on them; what it is, and whether it is anything, is decided on the whole word. */
const NUMBER_WORD =
  /(?:0[xX][0-9a-zA-Z_]*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[0-9a-zA-Z_]*(?:\.\d+[a-z]+)*|\.\d+(?:[eE][+-]?\d+)?[0-9a-zA-Z_]*)/y;
const INTEGER = /^\d+$|^0[xX][0-9a-fA-F]+$/;
const DOUBLE = /^(?:\d+\.\d+|\d+|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Read the number or duration literal that starts at `offset`, where a digit stands or a dot before a digit. */
export function scanNumber(source: string, offset: number): Token {
  NUMBER_WORD.lastIndex = offset;
  const text = NUMBER_WORD.exec(source)?.[0] ?? source.charAt(offset);
  const place = { text, offset, length: text.length };
  if (text.length > limits.numberLength)
    return { ...place, kind: "bad", value: `a number may have at most ${limits.numberLength} characters` };
  if (INTEGER.test(text)) return integer(place);
  if (DOUBLE.test(text)) return { ...place, kind: "double", value: Number(text) };
  const duration = parseDuration(text);
  if (duration !== undefined && Number.isSafeInteger(duration)) return { ...place, kind: "duration", value: duration };
  return { ...place, kind: "bad", value: complaint(text) };
}

function integer(place: { readonly text: string; readonly offset: number; readonly length: number }): Token {
  const value = Number(place.text);
  if (Number.isSafeInteger(value)) return { ...place, kind: "int", value };
  return { ...place, kind: "bad", value: `the number ${place.text.slice(0, 40)} is outside ±(2^53−1)` };
}

function complaint(text: string): string {
  if (/^(?:\d+|0[xX][0-9a-fA-F]+)[uU]$/.test(text)) return "unsigned numbers are not part of the language; leave out the 'u'";
  return `'${text.slice(0, 40)}' is neither a number nor a duration; durations look like 500ms, 90s, 15m, 8h, 14d or 1h30m`;
}
