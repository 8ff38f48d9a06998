import type { ChooseWays } from "./choosing-dialler.ts";
import { parseNoProxy } from "./no-proxy.ts";
import { parseProxyUrl, type ProxyWay } from "./proxy-way.ts";

/** What the environment says about proxies. */
export interface EnvironmentProxies {
  readonly choose: ChooseWays;
  /** Variables that cannot be used, with why; their values are in no message. */
  readonly problems: readonly string[];
}

const DIRECT: ProxyWay = { kind: "direct" };

/**
 * `https_proxy` for everything but requests for `http:`, which go by `http_proxy`; `all_proxy` for what has none; `no_proxy` excepts. Each
 * may be written in capitals; where both are there, the small one counts.
 */
export function readEnvironmentProxies(environment: Readonly<Record<string, string | undefined>>): EnvironmentProxies {
  const problems: string[] = [];
  const valueOf = (name: string): string | undefined => environment[name] || environment[name.toUpperCase()] || undefined;
  const wayOf = (name: string): ProxyWay | undefined => {
    const text = valueOf(name);
    const parsed = text === undefined ? undefined : parseProxyUrl(text);
    if (typeof parsed === "string") problems.push(`${name}: ${parsed}`);
    return typeof parsed === "string" ? undefined : parsed;
  };
  const [forHttps, forHttp, forAll] = [wayOf("https_proxy"), wayOf("http_proxy"), wayOf("all_proxy")];
  const isExcepted = parseNoProxy(valueOf("no_proxy") ?? "");
  const choose: ChooseWays = ({ host, port }, isPlainHttp) => {
    if (isExcepted(host, port)) return Promise.resolve([DIRECT]);
    return Promise.resolve([(isPlainHttp ? forHttp : forHttps) ?? forAll ?? DIRECT]);
  };
  return { choose, problems };
}
