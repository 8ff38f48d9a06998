import type { Route } from "../connection/index.ts";
import { type Dialled, type Dialler, dialFailed, type DialOptions } from "./dialler.ts";

/** The diallers of the configured backends by name, `direct` among them. */
export type Diallers = ReadonlyMap<string, Dialler>;

/**
 * Try the ways out in order until one is open. The next is tried only while nothing was sent through the one before and nobody pulled
 * the leash. When all fail, the last failure is reported with what happened to those before it.
 */
export async function dialRoutes(routes: readonly Route[], options: DialOptions, diallers: Diallers): Promise<Dialled> {
  const [first] = routes;
  if (first === undefined) return dialFailed("ROUTE_NONE", "no way out");
  if (routes.length === 1) return dialOne(first, options, diallers);
  const details: string[] = [];
  let last: Dialled | undefined;
  for (const route of routes) {
    last = await dialOne(route, options, diallers);
    if (last.kind === "open") return last;
    details.push(`${route.backend}: ${last.detail}`);
    if (last.sent === true || options.leash.code !== undefined) break;
  }
  return last === undefined || last.kind === "open" ? dialFailed("ROUTE_NONE", "no way out") : { ...last, detail: details.join("; ") };
}

function dialOne(route: Route, options: DialOptions, diallers: Diallers): Promise<Dialled> {
  const dialler = diallers.get(route.backend);
  if (dialler !== undefined) return dialler.dial(route, options);
  return Promise.resolve(dialFailed("ROUTE_BACKEND_UNKNOWN", `there is no way out called ${route.backend}`));
}
