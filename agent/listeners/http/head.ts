import type { FailureCode } from "../../contract/index.ts";

/**
 * The head of an HTTP/1 message, read strictly (RFC 9112). Text is Latin-1: one character is one byte, so what is written
 * again is what was read. Pure: no socket, no reply.
 *
 * SECURITY: what two servers may read differently is refused, not repaired: bare CR or LF, folded lines, a space before the
 * colon, control characters, an empty name. This is the first half of the defence against request smuggling; `framing.ts` is the second.
 */
export interface Field {
  /** As sent. */
  readonly name: string;
  /** Lower case. */
  readonly key: string;
  /** Without the white space around it. */
  readonly value: string;
}

/** `2` has no minor version (RFC 9113 section 3.1). */
export type HttpVersion = "1.0" | "1.1" | "2";

export interface RequestHead {
  readonly kind: "request";
  readonly method: string;
  readonly target: string;
  readonly version: HttpVersion;
  readonly fields: readonly Field[];
}

export interface ResponseHead {
  readonly kind: "response";
  readonly status: number;
  readonly reason: string;
  readonly version: HttpVersion;
  readonly fields: readonly Field[];
}

export interface BadHead {
  readonly kind: "bad";
  readonly code: FailureCode;
  readonly detail: string;
}

/** Longest head taken, in bytes: real cookies need more than the usual 16 KiB. */
export const maxHeadBytes = 64 * 1024;
export const maxFields = 256;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What may stand in a value or a target besides visible ASCII: tab and the bytes 0x80 to 0xff (RFC 9110 section 5.5). */
const NOT_FIELD_TEXT = /[^\t\x20-\x7e\x80-\xff]/;
const NOT_TARGET_TEXT = /[^\x21-\x7e\x80-\xff]/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: ([^]*))?$/;

/** Read a request head. `text` ends with the empty line. */
export function parseRequestHead(text: string): RequestHead | BadHead {
  const lines = splitLines(text);
  if (!Array.isArray(lines)) return lines;
  const line = lines[0] ?? "";
  const first = line.indexOf(" ");
  const last = line.lastIndexOf(" ");
  if (first <= 0 || last === first) return bad("the request line is not `method target version`");
  const method = line.slice(0, first);
  const target = line.slice(first + 1, last);
  const protocol = line.slice(last + 1);
  if (!TOKEN.test(method)) return bad("byte 0: the method is not a token");
  if (target === "" || NOT_TARGET_TEXT.test(target)) return bad(`byte ${first + 1}: the request target holds a space or control character`);
  if (protocol !== "HTTP/1.1" && protocol !== "HTTP/1.0") return bad(`byte ${last + 1}: the version is neither HTTP/1.1 nor HTTP/1.0`);
  const fields = parseFields(lines, 1);
  if (!Array.isArray(fields)) return fields;
  return { kind: "request", method, target, version: protocol === "HTTP/1.1" ? "1.1" : "1.0", fields };
}

/** Read a response head. `text` ends with the empty line. */
export function parseResponseHead(text: string): ResponseHead | BadHead {
  const lines = splitLines(text);
  if (!Array.isArray(lines)) return lines;
  const match = STATUS_LINE.exec(lines[0] ?? "");
  if (match === null) return bad("the status line is not `version status reason`");
  const [, minor, status, reason = ""] = match;
  if (NOT_FIELD_TEXT.test(reason)) return bad("the reason phrase holds a control character");
  const fields = parseFields(lines, 1);
  if (!Array.isArray(fields)) return fields;
  return { kind: "response", status: Number(status), reason, version: minor === "1" ? "1.1" : "1.0", fields };
}

/** Read the trailer section of a chunked body: fields and the empty line, nothing else. */
export function parseTrailers(text: string): readonly Field[] | BadHead {
  const lines = splitLines(text);
  return Array.isArray(lines) ? parseFields(lines, 0) : lines;
}

/** Whether this can be a method or the name of a field (RFC 9110 section 5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether this can be the value of a field. */
export function isFieldText(text: string): boolean {
  return !NOT_FIELD_TEXT.test(text);
}

/** Whether this can be a request target. */
export function isTargetText(text: string): boolean {
  return text !== "" && !NOT_TARGET_TEXT.test(text);
}

/** Write fields as they stood, one a line. */
export function formatFields(fields: readonly Field[]): string {
  let text = "";
  for (const field of fields) text += `${field.name}: ${field.value}\r\n`;
  return text;
}

export function createField(name: string, value: string): Field {
  return { name, key: name.toLowerCase(), value };
}

/** All values of a field, in order. */
export function valuesOf(fields: readonly Field[], key: string): readonly string[] {
  const values: string[] = [];
  for (const field of fields) if (field.key === key) values.push(field.value);
  return values;
}

/** The value of a field that stands exactly once. */
export function onlyValueOf(fields: readonly Field[], key: string): string | undefined {
  const values = valuesOf(fields, key);
  return values.length === 1 ? values[0] : undefined;
}

/** The length that stands in a head without a body. */
export function readLength(head: ResponseHead): number | undefined {
  const value = onlyValueOf(head.fields, "content-length");
  return value === undefined ? undefined : Number(value);
}

/** The members of a comma-separated list field, lower case, over all its lines (RFC 9110 section 5.6.1). */
export function listOf(fields: readonly Field[], key: string): readonly string[] {
  const members: string[] = [];
  for (const value of valuesOf(fields, key)) {
    for (const member of value.split(",")) {
      const trimmed = trimSpace(member).toLowerCase();
      if (trimmed !== "") members.push(trimmed);
    }
  }
  return members;
}

function splitLines(text: string): string[] | BadHead {
  if (!text.endsWith("\r\n\r\n") && text !== "\r\n") return bad("the head does not end with an empty line");
  const lines = text.slice(0, text === "\r\n" ? -2 : -4).split("\r\n");
  if (lines.length === 1 && lines[0] === "") return [];
  return lines;
}

function parseFields(lines: readonly string[], from: number): Field[] | BadHead {
  if (lines.length - from > maxFields) return { kind: "bad", code: "HTTP_HEAD_TOO_LARGE", detail: `more than ${maxFields} header fields` };
  const fields: Field[] = [];
  for (let index = from; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!TOKEN.test(name)) return bad(`header line ${index}: ${describeBadName(line)}`);
    if (NOT_FIELD_TEXT.test(line)) return bad(`header line ${index}: a control character in ${name}`);
    fields.push({ name, key: name.toLowerCase(), value: trimSpace(line.slice(colon + 1)) });
  }
  return fields;
}

function describeBadName(line: string): string {
  if (line.startsWith(" ") || line.startsWith("\t")) return "a folded line";
  if (/^[^:]*[ \t]:/.test(line)) return "white space before the colon";
  return "not `name: value`";
}

/** Spaces and tabs only: `trim()` would also take bytes such as 0xa0 away. Loops, because a pattern would be quadratic on many spaces. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function bad(detail: string): BadHead {
  return { kind: "bad", code: "HTTP_BAD_REQUEST", detail };
}
