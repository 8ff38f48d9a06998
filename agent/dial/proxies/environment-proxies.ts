import { AgentError } from "../../base/index.ts";
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
  const wayOf = (name: string): ProxyWay | AgentError | undefined => {
    const text = valueOf(name);
    const parsed = text === undefined ? undefined : parseProxyUrl(text);
    if (typeof parsed !== "string") return parsed;
    const problem = `${name}: ${parsed}`;
    problems.push(problem);
    return new AgentError("DIAL_BACKEND_DOWN", problem);
  };
  const [forHttps, forHttp, forAll] = [wayOf("https_proxy"), wayOf("http_proxy"), wayOf("all_proxy")];
  const isExcepted = parseNoProxy(valueOf("no_proxy") ?? "");
  const choose: ChooseWays = ({ host, port }, isPlainHttp) => {
    if (isExcepted(host, port)) return Promise.resolve([DIRECT]);
    const way = (isPlainHttp ? forHttp : forHttps) ?? forAll ?? DIRECT;
    // SECURITY: a proxy that is named and cannot be used is not the same as none.
    return way instanceof AgentError ? Promise.reject(way) : Promise.resolve([way]);
  };
  return { choose, problems };
}
