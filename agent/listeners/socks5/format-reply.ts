import { isIPv4, isIPv6 } from "node:net";

/** RFC 1928 section 3: the method chosen. */
export function formatMethod(method: number): Uint8Array {
  return new Uint8Array([0x05, method]);
}

/** RFC 1929 section 2: the login's fate. */
export function formatLoginStatus(accepted: boolean): Uint8Array {
  return Uint8Array.of(0x01, accepted ? 0x00 : 0x01);
}

/** SOCKS4 has one word for no, "request rejected or failed"; a SOCKS4 program would take a SOCKS5 answer for noise. */
export const socks4Refusal: Uint8Array = Uint8Array.of(0x00, 0x5b, 0, 0, 0, 0, 0, 0);

const NOWHERE = { address: "0.0.0.0", port: 0 } as const;

/**
 * RFC 1928 section 6. The address is given in its own family; one that is not an IP address (a Unix socket) as 0.0.0.0:0.
 *
 *     +-----+-----+-------+------+----------+----------+
 *     | VER | REP |  RSV  | ATYP | BND.ADDR | BND.PORT |
 *     +-----+-----+-------+------+----------+----------+
 *     |  1  |  1  | X'00' |  1   | 4 or 16  |    2     |
 */
export function formatReply(reply: number, bound: { readonly address: string; readonly port: number } = NOWHERE): Uint8Array {
  const address = bound.address.startsWith("::ffff:") && bound.address.includes(".") ? bound.address.slice(7) : bound.address;
  if (isIPv4(address)) return assembleIpv4(reply, address, bound.port);
  if (isIPv6(address)) return assemble(reply, 0x04, expandIpv6(address), bound.port);
  return assemble(reply, 0x01, [0, 0, 0, 0], 0);
}

/** Every connection by IPv4 comes here: digits into bytes, nothing in between. */
function assembleIpv4(reply: number, address: string, port: number): Uint8Array {
  const bytes = new Uint8Array(10);
  bytes[0] = 0x05;
  bytes[1] = reply;
  bytes[3] = 0x01;
  let at = 4;
  let byte = 0;
  for (let index = 0; index < address.length; index += 1) {
    const digit = address.charCodeAt(index) - 48;
    if (digit >= 0) byte = byte * 10 + digit;
    else {
      bytes[at] = byte;
      at += 1;
      byte = 0;
    }
  }
  bytes[at] = byte;
  bytes[8] = port >> 8;
  bytes[9] = port & 0xff;
  return bytes;
}

function assemble(reply: number, kind: number, address: readonly number[], port: number): Uint8Array {
  return Uint8Array.of(0x05, reply, 0x00, kind, ...address, port >> 8, port & 0xff);
}

/** The sixteen bytes of a valid IPv6 address in any spelling; a zone is left out. */
function expandIpv6(text: string): number[] {
  const [head = "", tail] = (text.split("%")[0] ?? "").split("::");
  const front = groupBytes(head);
  if (tail === undefined) return front;
  const back = groupBytes(tail);
  return [...front, ...Array.from({ length: 16 - front.length - back.length }, () => 0), ...back];
}

function groupBytes(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
