import type { HostMatcher } from "./expression/index.ts";

/**
 * A very large set of host patterns in two flat buffers: no object and no string per entry.
 *
 * Entries, one after another in `#entries`:
 *
 *     byte 0      kind: EXACT `a.b`, ONE `*.b`, DEEP `**.b`, APEX `.b`
 *     bytes 1…n   the base, ASCII, without the wildcard
 *
 * An entry ends where the next kind stands, or the 0 behind the last one: no name has a byte below 5.
 *
 * `#slots` is an open-addressing table of entry offsets with a tag of a few hash bits each; tag 0 is free. Most look-ups find nothing and
 * touch only the tags, which are small enough to stay in the processor's cache. The hash runs over the base from its last letter to its
 * first, so one walk over a host from right to left gives the hash of every suffix. The whole base is compared, never only its hash:
 * a set may also serve an `allow`.
 */
const EXACT = 1;
const ONE = 2;
const DEEP = 3;
const APEX = 4;
/** Bytes below are kinds, or the end of all entries. */
const FIRST_LETTER = 5;
const NEWLINE = 10;
const DOT = 46;
const STAR = 42;

/** INVARIANT: look-ups end, because at least half of the slots are free. */
const LOAD_FACTOR = 0.5;
/** A list that was crafted to collide is refused instead of being searched slowly. */
const MAX_PROBES = 4096;

interface Slots {
  readonly offsets: Uint32Array;
  readonly tags: Uint8Array;
}

export type HostTableResult =
  | { readonly kind: "table"; readonly table: HostTable }
  | { readonly kind: "bad"; readonly line: number; readonly entry: string; readonly why: string };

export class HostTable implements HostMatcher {
  readonly size: number;
  readonly #entries: Uint8Array;
  readonly #slots: Slots;

  private constructor(entries: Uint8Array, slots: Slots, size: number) {
    this.#entries = entries;
    this.#slots = slots;
    this.size = size;
  }

  /** Read one pattern a line; blank lines and lines that start with `#` are skipped. */
  static parse(lines: Uint8Array): HostTableResult {
    const packed = packEntries(lines);
    if ("why" in packed) return { kind: "bad", ...packed };
    const { entries, count } = packed;
    const capacity = powerOfTwoAbove(count / LOAD_FACTOR);
    const slots: Slots = { offsets: new Uint32Array(capacity), tags: new Uint8Array(capacity) };
    for (let at = 0; at < entries.length - 1; ) {
      const end = endOf(entries, at);
      if (!insert(entries, slots, { at, end })) return { kind: "bad", line: 0, entry: "", why: "too many entries collide" };
      at = end;
    }
    return { kind: "table", table: new HostTable(entries, slots, count) };
  }

  /** Whether a canonical host matches an entry. */
  matches(host: string): boolean {
    const literal = isAddress(host);
    const firstDot = host.indexOf(".");
    let hash = HASH_START;
    for (let i = host.length - 1; i >= 0; i--) {
      hash = mixByte(hash, host.charCodeAt(i));
      if (i > 0 && host.charCodeAt(i - 1) !== DOT) continue;
      if (i > 0 && literal) continue;
      const wanted = i === 0 ? (literal ? 1 << EXACT : WHOLE) : i - 1 === firstDot ? PARENT : ANCESTOR;
      if ((this.#kindsOf(hash, host, i) & wanted) !== 0) return true;
    }
    return false;
  }

  /** The kinds of entries, as bits, whose base is the host from `from` on. */
  #kindsOf(hash: number, host: string, from: number): number {
    const { tags, offsets } = this.#slots;
    const mask = tags.length - 1;
    const wanted = tagOf(hash);
    let kinds = 0;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const tag = tags[slot] ?? 0;
      if (tag === 0) return kinds;
      if (tag !== wanted) continue;
      const entry = offsets[slot] ?? 0;
      if (this.#isBase(entry + 1, host, from)) kinds |= 1 << (this.#entries[entry] ?? 0);
    }
  }

  #isBase(entry: number, host: string, from: number): boolean {
    const length = host.length - from;
    for (let i = 0; i < length; i++) if (this.#entries[entry + i] !== host.charCodeAt(from + i)) return false;
    return (this.#entries[entry + length] ?? 0) < FIRST_LETTER;
  }
}

/** The kinds that match when the base is the host itself, its parent, or a more distant ancestor. */
const WHOLE = (1 << EXACT) | (1 << APEX);
const PARENT = (1 << ONE) | (1 << DEEP) | (1 << APEX);
const ANCESTOR = (1 << DEEP) | (1 << APEX);

const HASH_START = 0x811c9dc5;
const mixByte = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);
/** Eight bits of the hash, never 0. */
const tagOf = (hash: number): number => (hash >>> 24) | 1;
const spread = (hash: number): number => (hash ^ (hash >>> 15)) >>> 0;

function powerOfTwoAbove(count: number): number {
  let size = 8;
  while (size <= count) size *= 2;
  return size;
}

function endOf(entries: Uint8Array, at: number): number {
  let end = at + 1;
  while ((entries[end] ?? 0) >= FIRST_LETTER) end++;
  return end;
}

function insert(entries: Uint8Array, { offsets, tags }: Slots, entry: { readonly at: number; readonly end: number }): boolean {
  let hash = HASH_START;
  for (let i = entry.end - 1; i > entry.at; i--) hash = mixByte(hash, entries[i] ?? 0);
  const mask = tags.length - 1;
  let slot = spread(hash) & mask;
  for (let probes = 0; tags[slot] !== 0; probes++) {
    if (probes === MAX_PROBES) return false;
    slot = (slot + 1) & mask;
  }
  offsets[slot] = entry.at;
  tags[slot] = tagOf(hash);
  return true;
}

interface Packed {
  readonly entries: Uint8Array;
  readonly count: number;
}

interface BadLine {
  readonly line: number;
  readonly entry: string;
  readonly why: string;
}

function packEntries(lines: Uint8Array): Packed | BadLine {
  // A line's end makes room for its entry's kind; the last line may lack one, and a 0 ends all.
  const entries = new Uint8Array(lines.length + 2);
  let used = 0;
  let count = 0;
  let line = 0;
  for (let at = 0; at < lines.length; ) {
    line++;
    const newline = lines.indexOf(NEWLINE, at);
    const stop = newline < 0 ? lines.length : newline;
    const from = skipBlanks(lines, at, stop);
    const to = trimBlanks(lines, from, stop);
    at = stop + 1;
    if (from === to || lines[from] === 35) continue;
    const { kind, base } = readWildcard(lines, from);
    const why = judgeBase(lines, base, to);
    if (why !== undefined) return { line, entry: asciiOf(lines, from, Math.min(to, from + 80)), why };
    entries[used++] = kind;
    for (let i = base; i < to; i++) entries[used++] = lines[i] ?? 0;
    count++;
  }
  return { entries: entries.slice(0, used + 1), count };
}

const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === 13;

function skipBlanks(lines: Uint8Array, from: number, stop: number): number {
  let at = from;
  while (at < stop && isBlank(lines[at])) at++;
  return at;
}

function trimBlanks(lines: Uint8Array, from: number, stop: number): number {
  let to = stop;
  while (to > from && isBlank(lines[to - 1])) to--;
  return to;
}

function readWildcard(lines: Uint8Array, from: number): { readonly kind: number; readonly base: number } {
  if (lines[from] === DOT) return { kind: APEX, base: from + 1 };
  if (lines[from] !== STAR) return { kind: EXACT, base: from };
  if (lines[from + 1] === DOT) return { kind: ONE, base: from + 2 };
  if (lines[from + 1] === STAR && lines[from + 2] === DOT) return { kind: DEEP, base: from + 3 };
  return { kind: EXACT, base: from };
}

/** The shape of a canonical name: lower case, labels of 1 to 63 letters, at most 253 in all. Addresses pass, they are exact names. */
function judgeBase(lines: Uint8Array, from: number, to: number): string | undefined {
  if (to === from || to - from > 253) return "not a host name";
  let label = 0;
  for (let i = from; i < to; i++) {
    const byte = lines[i] ?? 0;
    if (byte === DOT) {
      if (label === 0) return "an empty label";
      label = 0;
      continue;
    }
    if (!isNameByte(byte)) return byte >= 65 && byte <= 90 ? "not lower case" : "a letter that no canonical host name has";
    if (++label > 63) return "a label of more than 63 letters";
  }
  return label === 0 ? "a dot at the end" : undefined;
}

/** Lower-case letters, digits, hyphen, underscore (service names), colon (IPv6 literals). */
const isNameByte = (byte: number): boolean => (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 58) || byte === 45 || byte === 95;

function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** An address is no name: `.0.0.1` does not cover `127.0.0.1`. The last label of a canonical name is never all digits. */
function isAddress(host: string): boolean {
  if (host.includes(":")) return true;
  for (let i = host.length - 1; i >= 0 && host.charCodeAt(i) !== DOT; i--) {
    const byte = host.charCodeAt(i);
    if (byte < 48 || byte > 57) return false;
  }
  return true;
}
