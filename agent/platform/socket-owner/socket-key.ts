import { isIPv4, isIPv6 } from "node:net";
import type { ConnectionEnds } from "./owner.ts";

/** The client's socket as the kernel files it: its own address first. Addresses have 4 or 16 bytes; an IPv4 in IPv6 dress is IPv4. */
export interface SocketKey {
  readonly family: 4 | 6;
  readonly source: Uint8Array;
  readonly sourcePort: number;
  readonly destination: Uint8Array;
  readonly destinationPort: number;
}

/** The client's end of an accepted connection, or `undefined` when the ends are not two addresses of one family. */
export function socketKeyOf({ local, remote }: ConnectionEnds): SocketKey | undefined {
  const source = parseAddress(remote.address);
  const destination = parseAddress(local.address);
  if (source === undefined || destination === undefined || source.length !== destination.length) return undefined;
  if (!isPort(remote.port) || !isPort(local.port)) return undefined;
  return { family: source.length === 4 ? 4 : 6, source, sourcePort: remote.port, destination, destinationPort: local.port };
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

/** Bytes of an address in network order; `::ffff:192.0.2.1` gives four. Zones are cut off: the kernel's table has none. */
export function parseAddress(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return parseIpv4(text);
  const bare = text.replace(/%.*$/, "");
  return isIPv6(bare) ? bareIfMapped(parseIpv6(bare)) : undefined;
}

/** Asked twice for every connection, so it goes by digits. */
function parseIpv4(text: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let at = 0;
  let byte = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit >= 0) byte = byte * 10 + digit;
    else {
      bytes[at] = byte;
      at += 1;
      byte = 0;
    }
  }
  bytes[at] = byte;
  return bytes;
}

function parseIpv6(text: string): Uint8Array {
  const [head = "", tail] = text.split("::");
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const bytes = new Uint8Array(16);
  bytes.set(left.slice(0, 16), 0);
  bytes.set(right.slice(0, 16), 16 - Math.min(16, right.length));
  return bytes;
}

function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function bareIfMapped(bytes: Uint8Array): Uint8Array {
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return mapped ? bytes.slice(12) : bytes;
}
