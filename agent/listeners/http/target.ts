import type { FailureCode } from "../../contract/index.ts";

/** Where a request wants to go. `host` is as written, without brackets; `canonicalHost` judges it. */
export interface Target {
  readonly kind: "target";
  readonly host: string;
  readonly port: number;
  /** Path and query exactly as sent: no part of them is decoded, resolved or escaped again. */
  readonly path: string;
}

export interface BadTarget {
  readonly kind: "bad";
  readonly code: FailureCode;
  readonly detail: string;
}

/** RFC 9112 section 3.2.3: `host:port` and nothing else. The port is mandatory; user information, path and scheme are refused. */
export function parseAuthorityForm(text: string): Target | BadTarget {
  const parts = splitAuthority(text);
  if (parts === undefined || parts.port === undefined) return bad("CONNECT needs `host:port`");
  return { kind: "target", host: parts.host, port: parts.port, path: "" };
}

/**
 * RFC 9112 section 3.2.2: `http://host[:port][/path][?query]`. `new URL` is not used: it would rewrite the path (`/%2e%2e/a` becomes
 * `/a`), and then the rule that was matched and the request that was sent would speak of different things.
 */
export function parseAbsoluteForm(method: string, text: string): Target | BadTarget {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return notProxy("the request target names no server");
  if (scheme !== "http") return { kind: "bad", code: "HTTP_METHOD", detail: `the scheme is ${scheme}; use CONNECT` };
  const rest = text.slice("http://".length);
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const path = end < 0 ? "" : rest.slice(end);
  if (path.includes("#")) return bad("a request target has no fragment");
  const parts = splitAuthority(authority);
  if (parts === undefined)
    return bad(authority.includes("@") ? "user information in the request target" : "the authority of the request target");
  return { kind: "target", host: parts.host, port: parts.port ?? 80, path: originForm(method, path) };
}

/** RFC 9112 section 3.2.4: the last proxy turns OPTIONS on a bare authority into OPTIONS `*`. */
function originForm(method: string, path: string): string {
  if (path.startsWith("/")) return path;
  if (path === "" && method === "OPTIONS") return "*";
  return `/${path}`;
}

/** The host comes without the brackets of an IPv6 literal. A name may hold anything but delimiters: `canonicalHost` decides. */
function splitAuthority(text: string): { host: string; port: number | undefined } | undefined {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/?#@[\]\\]+)(?::([0-9]{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const [, name = "", digits] = match;
  const port = digits === undefined ? undefined : Number(digits);
  if (port === 0 || (port !== undefined && port > 65_535)) return undefined;
  return { host: name.startsWith("[") ? name.slice(1, -1) : name, port };
}

function bad(detail: string): BadTarget {
  return { kind: "bad", code: "HTTP_BAD_REQUEST", detail };
}

function notProxy(detail: string): BadTarget {
  return { kind: "bad", code: "HTTP_NOT_PROXY", detail };
}
