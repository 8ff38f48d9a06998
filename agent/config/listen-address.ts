import { isIP, isIPv4, isIPv6 } from "node:net";
import { resolve } from "node:path";
import type { ListenAddress } from "./config.ts";

/** `[::1]:80` or `host:80`; `undefined` when the port is none. */
export function parseHostPort(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, bracketed, bare, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? bare;
  const port = Number(digits);
  if (host === undefined || port > 65_535) return undefined;
  if (bracketed !== undefined && !isIPv6(bracketed.replace(/%.*$/, ""))) return undefined;
  return isBrokenIpv4(host) ? undefined : { host, port };
}

/** `256.0.0.1` and `1.2.3` look like addresses and are names that nobody means. */
function isBrokenIpv4(host: string): boolean {
  return /^[\d.]+$/.test(host) && !isIPv4(host);
}

/** Paths of sockets are relative to the directory of the configuration. */
export function parseListenAddress(text: string, directory: string): ListenAddress | undefined {
  if (text.startsWith("unix:")) return { kind: "unix", path: resolve(directory, text.slice(5)) };
  if (text.startsWith("systemd:")) return { kind: "systemd", name: text.slice(8) };
  const tcp = parseHostPort(text);
  return tcp === undefined ? undefined : { kind: "tcp", ...tcp };
}

/** Whether two listeners cannot both have their addresses. Port 0 is another one each time. */
export function isSameAddress(left: ListenAddress, right: ListenAddress): boolean {
  if (left.kind === "unix" && right.kind === "unix") return left.path === right.path;
  if (left.kind === "systemd" && right.kind === "systemd") return left.name === right.name;
  if (left.kind !== "tcp" || right.kind !== "tcp" || left.port !== right.port || left.port === 0) return false;
  return left.host.toLowerCase() === right.host.toLowerCase() || coversOther(left.host, right.host) || coversOther(right.host, left.host);
}

/** 0.0.0.0 takes every IPv4 address, and `::` takes both families, as Node opens it. */
function coversOther(wide: string, other: string): boolean {
  if (isUnspecifiedIpv6(wide)) return true;
  return wide === "0.0.0.0" && !isIPv6(other);
}

function isUnspecifiedIpv6(host: string): boolean {
  return isIPv6(host) && /^[0:]+$/.test(host);
}

/** Only programs on this machine can reach it. */
export function isLoopback({ host }: { readonly host: string }): boolean {
  if (host === "localhost") return true;
  return isIP(host) === 4 ? host.startsWith("127.") : /^(?:0*:)*:?0*1$/.test(host);
}
