import type { Clock } from "../base/index.ts";

/** Names for connections and the short names by which people find them. */
export interface Ids {
  /** Sixteen letters that sort by time, unique on this device and practically everywhere. */
  nextId(): string;
}

/** Crockford's base 32: no I, L, O, U, so that it survives being read over the telephone. */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Ticks per millisecond: two connections of one device never share a tick, however fast they come. */
const TICKS_PER_MS = 8;
const TICK_LETTERS = 11;
const RANDOM_LETTERS = 5;
const INCIDENT_LETTERS = 8;
const HALF = 2 ** 20;

/** `random` gives numbers from 0 up to 1; it need not be secret, it only keeps devices apart. */
export function createIds({ clock, random }: { readonly clock: Clock; readonly random: () => number }): Ids {
  let last = 0;
  return {
    nextId() {
      last = Math.max(last + 1, Math.floor(clock.now() * TICKS_PER_MS));
      return encode(last, TICK_LETTERS) + encode(Math.floor(random() * 32 ** RANDOM_LETTERS), RANDOM_LETTERS);
    },
  };
}

/**
 * The incident of a connection: eight letters that people read out. The tick of the id goes through a one-to-one scramble of 40 bits, so
 * incidents of one device do not repeat for four years and neighbours look nothing alike.
 */
export function incidentOf(id: string): string {
  const tick = id.slice(0, TICK_LETTERS);
  let high = 0;
  let low = 0;
  for (let at = 0; at < tick.length; at += 1) {
    // A foreign id is folded in all the same: every id has an incident.
    const digit = LETTERS.indexOf(tick.charAt(at)) & 31;
    const shifted = low * 32 + digit;
    low = shifted % HALF;
    high = (high * 32 + Math.floor(shifted / HALF)) % HALF;
  }
  return scramble(high, low);
}

/** Two rounds of a Feistel network over 20-bit halves: one-to-one whatever the mixing function does. */
function scramble(high: number, low: number): string {
  let [left, right] = [high, low];
  for (const key of [0x9e377, 0x79b97, 0xf4a7c, 0x15d3b]) {
    const mixed = Math.imul(right ^ key, 0x2c1b3c6d) >>> 0;
    [left, right] = [right, (left ^ (mixed >>> 9)) % HALF];
  }
  return encode(left, INCIDENT_LETTERS / 2) + encode(right, INCIDENT_LETTERS / 2);
}

/** Two letters at a time: an id is made for every connection. */
const PAIRS: readonly string[] = Array.from({ length: 1024 }, (_, value) => LETTERS.charAt(value >> 5) + LETTERS.charAt(value & 31));

function encode(value: number, letters: number): string {
  let text = "";
  let rest = value;
  for (let left = letters; left > 1; left -= 2) {
    text = (PAIRS[rest % 1024] ?? "") + text;
    rest = Math.floor(rest / 1024);
  }
  return letters % 2 === 0 ? text : LETTERS.charAt(rest % 32) + text;
}
