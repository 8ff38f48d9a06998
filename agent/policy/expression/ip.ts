/** An address as four 32-bit words, so that IPv4 and IPv6 compare with the same few operations. IPv4 uses the last word. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly words: readonly [number, number, number, number];
  /** Canonical: dotted for IPv4, RFC 5952 for IPv6. */
  readonly text: string;
}

const ZERO = 48;
const NINE = 57;
const DOT = 46;

/**
 * Read an address in its plain spellings: dotted IPv4 without leading zeros, or IPv6 (RFC 4291 section 2.2) without a zone.
 *
 * SECURITY: an IPv4-mapped address (`::ffff:10.0.0.1`) is its IPv4 address, because that is what a dial reaches; a rule
 * about 10.0.0.0/8 must hold for it.
 */
export function parseIp(text: string): IpAddress | undefined {
  if (text.includes(":")) return parseIpv6(text);
  const word = parseIpv4(text);
  return word === undefined ? undefined : { family: 4, words: [0, 0, 0, word], text };
}

/** Dotted IPv4 as an unsigned 32-bit number; `undefined` for any other text. */
export function parseIpv4(text: string): number | undefined {
  if (text.length < 7 || text.length > 15) return undefined;
  let word = 0;
  let part = -1;
  let dots = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      if (part === 0) return undefined;
      part = (part < 0 ? 0 : part * 10) + code - ZERO;
      if (part > 255) return undefined;
    } else if (code === DOT && part >= 0) {
      word = word * 256 + part;
      part = -1;
      dots += 1;
    } else return undefined;
  }
  return dots === 3 && part >= 0 ? word * 256 + part : undefined;
}

function parseIpv6(text: string): IpAddress | undefined {
  const groups = parseGroups(text);
  if (groups === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const last = g * 0x10000 + h;
  if ((a | b | c | d | e) === 0 && f === 0xffff) return { family: 4, words: [0, 0, 0, last], text: formatIpv4(last) };
  return { family: 6, words: [a * 0x10000 + b, c * 0x10000 + d, e * 0x10000 + f, last], text: formatIpv6(groups) };
}

/** Eight numbers of 16 bits; `undefined` when the text is no IPv6 address. */
function parseGroups(text: string): readonly number[] | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = "", tail] = halves;
  const left = parseHalf(head, tail === undefined);
  const right = tail === undefined ? [] : parseHalf(tail, true);
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...left, ...Array.from({ length: missing }, () => 0), ...right];
}

/** The groups on one side of `::`; the very last two may be written as dotted IPv4. */
function parseHalf(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [place, part] of parts.entries()) {
    const dotted = isLast && place === parts.length - 1 ? parseIpv4(part) : undefined;
    if (dotted !== undefined) groups.push(Math.floor(dotted / 0x10000), dotted % 0x10000);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** RFC 5952 section 4: lower case, the longest run of two or more zero groups shortened, the first of equals. */
function formatIpv6(groups: readonly number[]): string {
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [place, group] of groups.entries()) {
    if (group !== 0) start = place + 1;
    else if (place + 1 - start > best.length) best = { start, length: place + 1 - start };
  }
  return best;
}
