import { limits } from "./limits.ts";
import type { Token } from "./token.ts";

/** `\n` and its family: CEL language definition, section "String and Bytes Values". */
const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ["?", "?"],
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
]);

const ESCAPE = /\\(?:([abfnrtv\\?"'`])|x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([^]?))/g;

/** A string literal may begin at `offset`: one of `"`, `'`, `r"`, `b'`, `"""` … */
export const STRING_START = /(?:[rR]|[bB][rR]?|[rR][bB])?["']/y;

/** Read the string literal that starts at `offset`; the caller has matched `STRING_START` there. */
export function scanString(source: string, offset: number): Token {
  const quoteAt = source.slice(offset, offset + 3).search(/["']/) + offset;
  const prefix = source.slice(offset, quoteAt).toLowerCase();
  const quote = source.charAt(quoteAt);
  const fence = source.startsWith(quote.repeat(3), quoteAt) ? quote.repeat(3) : quote;
  const bodyAt = quoteAt + fence.length;
  const closeAt = findClose(source, bodyAt, fence, prefix.includes("r"));
  if (closeAt === undefined) return unclosed(source, offset, fence);
  const end = closeAt + fence.length;
  const place = { text: source.slice(offset, end), offset, length: end - offset };
  if (prefix.includes("b")) return { ...place, kind: "bad", value: "bytes are not part of the language; leave out the 'b'" };
  const body = source.slice(bodyAt, closeAt).replaceAll(/\r\n?/g, "\n");
  if (body.length > limits.stringLength)
    return { ...place, kind: "bad", value: `a string may have at most ${limits.stringLength} characters` };
  return prefix === "r" ? { ...place, kind: "string", value: body } : { ...place, ...resolve(body) };
}

function findClose(source: string, from: number, fence: string, raw: boolean): number | undefined {
  const multiline = fence.length === 3;
  for (let at = from; at < source.length; at += 1) {
    const letter = source.charAt(at);
    if (letter === fence.charAt(0) && source.startsWith(fence, at)) return at;
    if (!multiline && (letter === "\n" || letter === "\r")) return undefined;
    if (letter === "\\" && !raw) at += 1;
  }
  return undefined;
}

function unclosed(source: string, offset: number, fence: string): Token {
  const line = /[^\r\n]*/y;
  line.lastIndex = offset;
  const text = fence.length === 3 ? source.slice(offset) : (line.exec(source)?.[0] ?? fence);
  return { kind: "bad", text, offset, length: text.length, value: `this string has no closing ${fence}` };
}

function resolve(body: string): { readonly kind: "string" | "bad"; readonly value: string } {
  let wrong: string | undefined;
  const value = body.replaceAll(ESCAPE, (escape: string, ...groups: (string | undefined)[]) => {
    const resolved = resolveEscape(groups);
    if (resolved === undefined) wrong ??= `'${escape}' is not an escape sequence; write '\\\\' for a backslash`;
    return resolved ?? "";
  });
  return wrong === undefined ? { kind: "string", value } : { kind: "bad", value: wrong };
}

function resolveEscape(groups: readonly (string | undefined)[]): string | undefined {
  const [simple, ...codes] = groups;
  if (simple !== undefined) return SIMPLE_ESCAPES.get(simple);
  const [x, bigX, u, bigU, octal] = codes;
  const hex = x ?? bigX ?? u ?? bigU;
  if (hex !== undefined) return scalar(Number.parseInt(hex, 16));
  return octal === undefined ? undefined : scalar(Number.parseInt(octal, 8));
}

/** Surrogates and numbers past Unicode's end are no characters. */
function scalar(code: number): string | undefined {
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code);
}
