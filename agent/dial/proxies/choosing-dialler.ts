import { AgentError } from "../../base/index.ts";
import type { Route } from "../../connection/index.ts";
import { type Dialled, type Dialler, dialFailed, type DialOptions } from "../dialler.ts";
import { dialRoutes } from "../dial-routes.ts";
import type { ProxyWay } from "./proxy-way.ts";

/** Which ways a setting names for a destination, in order. Rejects with AgentError when it cannot be said. */
export type ChooseWays = (destination: Pick<Route, "host" | "port">, isPlainHttp: boolean) => Promise<readonly ProxyWay[]>;

export interface ChoosingOptions {
  readonly choose: ChooseWays;
  /** A way out through a proxy that was chosen; called once for each proxy, and again when it has not been used for long. */
  readonly open: (way: Exclude<ProxyWay, { readonly kind: "direct" }>) => Dialler;
  readonly clock: DialRoutesClock;
}

type DialRoutesClock = NonNullable<Parameters<typeof dialRoutes>[1]["clock"]>;

const MOST_PROXIES = 64;

/**
 * A way out that asks a setting of the machine for each destination which proxy to use. SECURITY: it never goes out directly itself. Where
 * the setting says so, it fails without having sent anything, and the direct way is judged like a new request before it is taken.
 */
export function createChoosingDialler({ choose, open, clock }: ChoosingOptions): Dialler {
  const diallers = new Map<string, Dialler>();
  const diallerOf = (way: Exclude<ProxyWay, { readonly kind: "direct" }>): readonly [string, Dialler] => {
    const name = `${way.kind}://${way.host}:${way.port}`;
    const known = diallers.get(name) ?? open(way);
    diallers.delete(name);
    diallers.set(name, known);
    const [oldest] = diallers.keys();
    if (diallers.size > MOST_PROXIES && oldest !== undefined) diallers.delete(oldest);
    return [name, known];
  };

  const dial = async (route: Route, options: DialOptions): Promise<Dialled> => {
    const ways = await waysOf(choose, route, options);
    if ("code" in ways) return ways;
    const until = ways.findIndex(({ kind }) => kind === "direct");
    const tries = (until < 0 ? ways : ways.slice(0, until)).flatMap((way) => (way.kind === "direct" ? [] : [diallerOf(way)]));
    if (tries.length === 0) return directWanted();
    const routes = tries.map(([backend]) => ({ ...route, backend }));
    const dialled = await dialRoutes(routes, { ...options, clock }, new Map(tries));
    if (dialled.kind === "open") return { kind: "open", upstream: { ...dialled.upstream, backend: route.backend } };
    return until >= 0 && dialled.sent !== true && dialled.isBackendDown === true ? directWanted(dialled.detail) : dialled;
  };
  return { dial };
}

async function waysOf(
  choose: ChooseWays,
  route: Route,
  { isPlainHttp }: DialOptions,
): Promise<readonly ProxyWay[] | Extract<Dialled, { kind: "failed" }>> {
  try {
    return await choose(route, isPlainHttp === true || route.port === 80);
  } catch (cause) {
    if (cause instanceof AgentError) return { ...dialFailed(cause.code, cause.detail), isBackendDown: true };
    throw cause;
  }
}

function directWanted(after = ""): Extract<Dialled, { kind: "failed" }> {
  const says = "the proxy settings say that it is reached directly";
  return dialFailed("DIAL_DIRECT_WANTED", after === "" ? says : `${after}; then ${says}`);
}
