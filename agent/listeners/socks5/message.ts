import { isAscii } from "node:buffer";
import type { FailureCode } from "../../contract/index.ts";

/**
 * RFC 1928 and RFC 1929 messages: bytes in, meaning out. No socket, no reply, no logging.
 *
 * A parser looks at the start of `bytes` and never past their end. What it says about the first n bytes it also says about more of them,
 * unless it asked for more; so a message may arrive in any pieces.
 */
export type Parsed<T> =
  | { readonly kind: "more" }
  | { readonly kind: "bad"; readonly code: FailureCode; readonly detail: string }
  | { readonly kind: "ok"; readonly value: T; readonly length: number };

const MORE = { kind: "more" } as const;

export const METHOD = { none: 0x00, login: 0x02, unacceptable: 0xff } as const;

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A CONNECT. `host` is as sent: a name, or an address in text; nothing about it is checked but its encoding. */
export interface SocksRequest {
  readonly host: string;
  readonly port: number;
}

/**
 * RFC 1928 section 3. The value is the methods offered, in the client's order.
 *
 *     +-----+----------+----------+
 *     | VER | NMETHODS | METHODS  |
 *     +-----+----------+----------+
 *     |  1  |    1     | 0 to 255 |
 */
export function parseGreeting(bytes: Uint8Array): Parsed<Uint8Array> {
  const version = bytes[0];
  if (version === undefined) return MORE;
  if (version !== 0x05) return bad("SOCKS_VERSION", `byte 0: version ${version}`);
  const count = bytes[1];
  if (count === undefined || bytes.length < 2 + count) return MORE;
  return { kind: "ok", value: bytes.subarray(2, 2 + count), length: 2 + count };
}

/**
 * RFC 1929 section 2. Empty fields are read: some programs send an empty password, and whether that is right is not decided here.
 *
 *     +-----+------+----------+------+----------+
 *     | VER | ULEN |  UNAME   | PLEN |  PASSWD  |
 *     +-----+------+----------+------+----------+
 *     |  1  |  1   | 0 to 255 |  1   | 0 to 255 |
 */
export function parseLogin(bytes: Uint8Array): Parsed<Login> {
  const version = bytes[0];
  if (version === undefined) return MORE;
  if (version !== 0x01) return bad("SOCKS_AUTH", `byte 0: login version ${version}`);
  const userLength = bytes[1];
  if (userLength === undefined) return MORE;
  const userEnd = 2 + userLength;
  const passwordLength = bytes[userEnd];
  if (passwordLength === undefined) return MORE;
  const end = userEnd + 1 + passwordLength;
  if (bytes.length < end) return MORE;
  const user = decodeText(bytes.subarray(2, userEnd));
  const password = decodeText(bytes.subarray(userEnd + 1, end));
  if (user === undefined || password === undefined) return bad("SOCKS_AUTH", "the login is not UTF-8");
  return { kind: "ok", value: { user, password }, length: end };
}

/**
 * RFC 1928 sections 4 and 5. RSV is not looked at: there are programs that send it unset, and it means nothing.
 *
 *     +-----+-----+-----+------+----------+----------+
 *     | VER | CMD | RSV | ATYP | DST.ADDR | DST.PORT |
 *     +-----+-----+-----+------+----------+----------+
 *     |  1  |  1  |  1  |  1   | variable |    2     |
 */
export function parseSocksRequest(bytes: Uint8Array): Parsed<SocksRequest> {
  const version = bytes[0];
  if (version === undefined) return MORE;
  if (version !== 0x05) return bad("SOCKS_VERSION", `byte 0 of the request: version ${version}`);
  const command = bytes[1];
  if (command === undefined) return MORE;
  if (command !== 0x01) return bad("SOCKS_COMMAND", `byte 1 of the request: command ${nameCommand(command)}`);
  const kind = bytes[3];
  if (kind === undefined) return MORE;
  return parseAddress(bytes, kind);
}

function parseAddress(bytes: Uint8Array, kind: number): Parsed<SocksRequest> {
  let start = 4;
  let length: number | undefined;
  if (kind === 0x01) length = 4;
  else if (kind === 0x04) length = 16;
  else if (kind === 0x03) {
    length = bytes[4];
    start = 5;
    if (length === undefined) return MORE;
    if (length === 0) return bad("SOCKS_ADDRESS", "byte 4 of the request: an empty host name");
  } else return bad("SOCKS_ADDRESS", `byte 3 of the request: address type ${kind}`);

  const end = start + length;
  const high = bytes[end];
  const low = bytes[end + 1];
  if (high === undefined || low === undefined) return MORE;
  const port = high * 256 + low;
  if (port === 0) return bad("SOCKS_ADDRESS", `byte ${end} of the request: port 0`);
  const address = bytes.subarray(start, end);
  const host = kind === 0x01 ? address.join(".") : kind === 0x04 ? formatGroups(address) : decodeText(address);
  if (host === undefined) return bad("REQUEST_HOST", "byte 5 of the request: the host name is not UTF-8");
  return { kind: "ok", value: { host, port }, length: end + 2 };
}

/** Eight groups, not shortened: the canonical form is the business of `canonicalHost`. */
function formatGroups(address: Uint8Array): string {
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((address[at] ?? 0) * 256 + (address[at + 1] ?? 0)).toString(16));
  return groups.join(":");
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string | undefined {
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function nameCommand(command: number): string {
  if (command === 0x02) return "BIND";
  if (command === 0x03) return "UDP ASSOCIATE";
  return String(command);
}

function bad(code: FailureCode, detail: string): { readonly kind: "bad"; readonly code: FailureCode; readonly detail: string } {
  return { kind: "bad", code, detail };
}
