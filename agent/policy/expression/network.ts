import { type IpAddress, parseIp } from "./ip.ts";

/** A network such as `10.0.0.0/8`. The address may have bits behind the prefix, `10.1.2.3/8`, until it is masked. */
export class Network {
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly text: string;
  readonly #masks: readonly number[];

  constructor(address: IpAddress, prefixLength: number) {
    this.address = address;
    this.prefixLength = prefixLength;
    this.text = `${address.text}/${prefixLength}`;
    this.#masks = masksOf(address.family, prefixLength);
  }

  contains(address: IpAddress): boolean {
    if (address.family !== this.address.family) return false;
    return this.#masks.every((mask, place) => (((this.address.words[place] ?? 0) ^ (address.words[place] ?? 0)) & mask) === 0);
  }

  containsNetwork(other: Network): boolean {
    return other.prefixLength >= this.prefixLength && this.contains(other.address);
  }

  /** The same network with every bit behind the prefix zero. */
  masked(): Network {
    const words = this.#masks.map((mask, place) => ((this.address.words[place] ?? 0) & mask) >>> 0);
    const address = parseIp(this.address.family === 4 ? dotted(words[3] ?? 0) : words.map(twoGroups).join(":"));
    return address === undefined ? this : new Network(address, this.prefixLength);
  }
}

/** Read `address/length`. An IPv4-mapped address is refused: its length would count other bits than it seems to. */
export function parseNetwork(text: string): Network | undefined {
  const match = /^([0-9a-fA-F:.]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const [, addressText = "", lengthText = ""] = match ?? [];
  const address = match === null ? undefined : parseIp(addressText);
  if (address === undefined || (address.family === 4 && addressText.includes(":"))) return undefined;
  const prefixLength = Number(lengthText);
  return prefixLength <= (address.family === 4 ? 32 : 128) ? new Network(address, prefixLength) : undefined;
}

/** One mask for each 32-bit word; the first three words of an IPv4 address are always zero and need none. */
function masksOf(family: 4 | 6, prefixLength: number): readonly number[] {
  const fixed = family === 4 ? prefixLength + 96 : prefixLength;
  return [0, 1, 2, 3].map((place) => maskOf(Math.min(32, Math.max(0, fixed - place * 32))));
}

function maskOf(bits: number): number {
  return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
}

function dotted(word: number): string {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join(".");
}

function twoGroups(word: number): string {
  return `${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
}
