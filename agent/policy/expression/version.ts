/** Digits and letters separated by dots, with an optional tail that makes it earlier: `14.2.1`, `24.04`, `6.1.0-rc2`. */
const VERSION = /^\d{1,15}(?:\.\d{1,15}){0,7}(?:-[0-9a-z]+(?:[.-][0-9a-z]+)*)?$/;

/** A version as it is compared and printed: without a leading `v`, lower case; `undefined` for other texts. */
export function canonicalVersion(text: string): string | undefined {
  if (text.length > 100) return undefined;
  const version = text.toLowerCase().replace(/^v(?=\d)/, "");
  return VERSION.test(version) ? version : undefined;
}

/**
 * Negative, zero or positive as `one` is earlier than, the same as or later than `other`. Missing numbers are zero, so
 * `14` equals `14.0`; a tail comes before none, as in Semantic Versioning 2.0.0 section 11, but the numbers in it count as
 * numbers everywhere, so that `rc2` comes before `rc10`.
 */
export function compareVersions(one: string, other: string): number {
  const [oneNumbers, oneTail] = split(one);
  const [otherNumbers, otherTail] = split(other);
  for (let place = 0; place < Math.max(oneNumbers.length, otherNumbers.length); place += 1) {
    const difference = (oneNumbers[place] ?? 0) - (otherNumbers[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return compareTails(oneTail, otherTail);
}

type Split = readonly [readonly number[], readonly string[]];

/** The same few versions are compared again and again: those in rules, and this machine's. */
const splits = new Map<string, Split>();
const MOST_SPLITS = 1_000;

function split(version: string): Split {
  const known = splits.get(version);
  if (known !== undefined) return known;
  const dash = version.indexOf("-");
  const numbers = dash < 0 ? version : version.slice(0, dash);
  const parts: Split = [numbers.split(".").map(Number), dash < 0 ? [] : (version.slice(dash + 1).match(/\d+|[a-z]+/g) ?? [])];
  if (splits.size < MOST_SPLITS) splits.set(version, parts);
  return parts;
}

function compareTails(one: readonly string[], other: readonly string[]): number {
  if (one.length === 0 || other.length === 0) return other.length - one.length;
  for (const [place, part] of one.entries()) {
    const opposite = other[place];
    if (opposite === undefined) return 1;
    const difference = compareParts(part, opposite);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** Numbers by size and before words; words by letters. */
function compareParts(one: string, other: string): number {
  const isNumber = /^\d+$/.test(one);
  if (isNumber !== /^\d+$/.test(other)) return isNumber ? -1 : 1;
  if (isNumber) return Number(one) - Number(other);
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
