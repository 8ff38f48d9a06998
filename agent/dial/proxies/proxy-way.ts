/** One try that a proxy setting names. */
export type ProxyWay =
  | { readonly kind: "direct" }
  | { readonly kind: "http" | "https" | "socks5"; readonly host: string; readonly port: number };

const KINDS: Readonly<Record<string, Exclude<ProxyWay["kind"], "direct">>> = {
  http: "http",
  https: "https",
  socks: "socks5",
  socks5: "socks5",
  socks5h: "socks5",
};

const DEFAULT_PORTS = { http: 80, https: 443, socks5: 1080 } as const;

/**
 * `http://proxy.corp.example:3128`, `socks5h://[::1]:1080`, `proxy:3128`: as environments name a proxy. A text is why it cannot be used.
 * SECURITY: a text never holds the URL: there may be a password in it.
 */
export function parseProxyUrl(text: string): ProxyWay | string {
  const trimmed = text.trim();
  const [, scheme = "http", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/i.exec(trimmed) ?? [];
  const kind = KINDS[scheme.toLowerCase()];
  if (kind === undefined || !Object.hasOwn(KINDS, scheme.toLowerCase()))
    return "it names a kind of proxy that is not known; http, https and socks5 are";
  const authority = rest.split(/[/?#]/, 1)[0] ?? "";
  if (authority.includes("@"))
    return "it holds a login, which is not taken from an environment; write a backend of kind http or socks5 with `password: file:…`";
  return parseWay(kind, authority) ?? "it names no host with a port from 1 to 65535";
}

/** `host:port`; without a port that of the kind. */
export function parseWay(kind: Exclude<ProxyWay["kind"], "direct">, authority: string): ProxyWay | undefined {
  const [, six, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(authority) ?? [];
  const host = six ?? name;
  const port = digits === undefined ? DEFAULT_PORTS[kind] : Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { kind, host, port };
}
