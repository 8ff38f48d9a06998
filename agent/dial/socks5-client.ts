import { isIP, isIPv4 } from "node:net";
import type { FailureCode, Route } from "../connection/index.ts";
import type { Address, Leg } from "../net/index.ts";
import { type DialFailure, dialFailed } from "./dialler.ts";
import type { Negotiate, Negotiated } from "./server-dialler.ts";

/** User name and password, read anew for each connection, so that a renewed secret needs no restart. */
export type ReadLogin = () => Promise<{ readonly username: string; readonly password: string }>;

const VERSION = 5;
const NO_LOGIN = 0;
const PASSWORD = 2;
const NO_METHOD = 0xff;

/** SOCKS5 as a client (RFC 1928, RFC 1929). The server resolves names: that is what it is for. */
export function createSocks5Negotiation(readLogin?: ReadLogin): Negotiate {
  return async (leg, route) => {
    leg.write(Uint8Array.from(readLogin === undefined ? [VERSION, 1, NO_LOGIN] : [VERSION, 2, NO_LOGIN, PASSWORD]));
    const [version, method] = await leg.take(2);
    if (version !== VERSION) return notSocks();
    if (method === PASSWORD && readLogin !== undefined) {
      const refused = await logIn(leg, readLogin);
      if (refused !== undefined) return refused;
    } else if (method !== NO_LOGIN) return noMethod(method, readLogin !== undefined);
    leg.write(formatConnect(route));
    return readReply(leg);
  };
}

/** RFC 1929 section 2. */
async function logIn(leg: Leg, readLogin: ReadLogin): Promise<DialFailure | undefined> {
  const login = await readLogin();
  const [username, password] = [Buffer.from(login.username), Buffer.from(login.password)];
  for (const [what, field] of [["user name", username] as const, ["password", password] as const]) {
    if (field.length === 0 || field.length > 255) return unauthorised(`the ${what} must have from 1 to 255 bytes`);
  }
  leg.write(Buffer.concat([Uint8Array.of(1, username.length), username, Uint8Array.of(password.length), password]));
  const [, status] = await leg.take(2);
  return status === 0 ? undefined : unauthorised("the server does not accept the user name and password");
}

/** RFC 1928 section 4: an address as what it is, everything else as a name. */
export function formatConnect({ host, port }: Pick<Route, "host" | "port">): Buffer {
  return Buffer.concat([Uint8Array.of(VERSION, 1, 0), formatHost(host), Uint8Array.of(port >> 8, port & 255)]);
}

function formatHost(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from([1, ...host.split(".").map(Number)]);
  if (isIP(host) === 6) return Buffer.concat([Uint8Array.of(4), bytesOfIpv6(host)]);
  const name = Buffer.from(host, "latin1");
  if (name.length === 0 || name.length > 255) throw new RangeError(`a host name of ${name.length} bytes`);
  return Buffer.concat([Uint8Array.of(3, name.length), name]);
}

export function bytesOfIpv6(address: string): Buffer {
  const bare = address.split("%", 1)[0] ?? address;
  const four = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare);
  const text = four === null ? bare : `${four[1]}${hex(Number(four[2]), Number(four[3]))}:${hex(Number(four[4]), Number(four[5]))}`;
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  const bytes = Buffer.alloc(16);
  for (const [at, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), at * 2);
  return bytes;
}

function hex(high: number, low: number): string {
  return ((high << 8) | low).toString(16);
}

/** RFC 1928 section 6. Bytes behind the reply belong to the tunnel and stay unread. */
async function readReply(leg: Leg): Promise<Negotiated> {
  const [version, reply, , kind] = await leg.take(4);
  if (version !== VERSION || reply === undefined) return notSocks();
  if (reply !== 0) return replyFailure(reply);
  const local = await readBound(leg, kind);
  return local === undefined ? notSocks() : { kind: "open", local };
}

async function readBound(leg: Leg, kind: number | undefined): Promise<Address | undefined> {
  if (kind === 1) return portBehind(leg, [...(await leg.take(4))].join("."));
  if (kind === 4) return portBehind(leg, formatIpv6(await leg.take(16)));
  if (kind !== 3) return undefined;
  const [length = 0] = await leg.take(1);
  await leg.take(length);
  // A name is no address of ours: only the port is worth telling.
  return portBehind(leg, "0.0.0.0");
}

async function portBehind(leg: Leg, address: string): Promise<Address> {
  return { address, port: (await leg.take(2)).readUInt16BE(0) };
}

function formatIpv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  // The runtime's own spelling, zeros compressed.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

/** What the server's reply code means in our words. The server works; the destination, or the server's rules, do not let it through. */
const REPLIES: Readonly<Record<number, readonly [FailureCode, string]>> = {
  1: ["DIAL_BACKEND_FAILED", "the server answered with a general failure"],
  3: ["DIAL_UNREACHABLE", "network unreachable"],
  4: ["DIAL_UNREACHABLE", "host unreachable"],
  5: ["DIAL_REFUSED", "connection refused"],
  6: ["DIAL_TIMEOUT", "timed out"],
  7: ["DIAL_PROTOCOL", "the server does not know CONNECT"],
  8: ["DIAL_PROTOCOL", "the server does not know this kind of address"],
};

const NOT_ALLOWED = 2;

export function replyFailure(reply: number): DialFailure {
  if (reply === NOT_ALLOWED) return { ...dialFailed("DIAL_BACKEND_DENIED", "not allowed by the server's rules"), sent: true };
  const [code, detail] = REPLIES[reply] ?? ["DIAL_PROTOCOL" as const, `the server answered with the unknown code ${reply}`];
  return dialFailed(code, detail);
}

function noMethod(method: number | undefined, hasLogin: boolean): DialFailure {
  if (method !== NO_METHOD && method !== PASSWORD) return notSocks();
  return unauthorised(hasLogin ? "the server accepts neither a password nor no login" : "the server wants a login, and none is configured");
}

function unauthorised(detail: string): DialFailure {
  return { ...dialFailed("DIAL_BACKEND_AUTH", detail), sent: true, isBackendDown: true };
}

function notSocks(): DialFailure {
  return { ...dialFailed("DIAL_PROTOCOL", "the server does not speak SOCKS5"), isBackendDown: true };
}
