import { parseWay, type ProxyWay } from "./proxy-way.ts";

const KINDS: Readonly<Record<string, "http" | "https" | "socks5">> = {
  PROXY: "http",
  HTTP: "http",
  HTTPS: "https",
  SOCKS: "socks5",
  SOCKS5: "socks5",
};

/** More are in no PAC file; each would be waited for. */
const MOST_WAYS = 8;

/**
 * `PROXY a:3128; SOCKS5 b:1080; DIRECT`: what FindProxyForURL returns. What cannot be read, SOCKS4 among it, is left out. Nothing at all and
 * an empty text mean DIRECT, as in browsers; a text of which nothing can be read is undefined.
 */
export function parsePacResult(result: unknown): readonly ProxyWay[] | undefined {
  if (result === null || result === undefined || result === "") return [{ kind: "direct" }];
  if (typeof result !== "string") return undefined;
  const ways = result.split(";").flatMap((part) => parsePart(part.trim()) ?? []);
  return ways.length === 0 ? undefined : ways.slice(0, MOST_WAYS);
}

function parsePart(part: string): ProxyWay | undefined {
  const [word = "", authority = "", ...more] = part.split(/\s+/);
  if (more.length > 0) return undefined;
  const upper = word.toUpperCase();
  if (upper === "DIRECT") return authority === "" ? { kind: "direct" } : undefined;
  const kind = Object.hasOwn(KINDS, upper) ? KINDS[upper] : undefined;
  return kind === undefined ? undefined : parseWay(kind, authority);
}
