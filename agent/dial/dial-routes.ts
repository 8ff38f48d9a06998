import type { Clock } from "../base/index.ts";
import type { Route } from "../connection/index.ts";
import { type Dialled, type Dialler, dialFailed, type DialOptions } from "./dialler.ts";

/** The diallers of the configured backends by name, `direct` among them. */
export type Diallers = ReadonlyMap<string, Dialler>;

export interface DialRoutesOptions extends DialOptions {
  /** To share the time to connect among several ways out. Absent: each gets an equal part of it. */
  readonly clock?: Pick<Clock, "monotonic">;
}

/**
 * Try the ways out in order until one is open; those that failed a moment ago come last. The next is tried only while nothing was sent
 * through the one before, none has said "no" itself, and nobody pulled the leash. When all fail, the last failure is reported with
 * what happened to those before it.
 */
export async function dialRoutes(routes: readonly Route[], options: DialRoutesOptions, diallers: Diallers): Promise<Dialled> {
  const [first] = routes;
  if (first === undefined) return dialFailed("ROUTE_NONE", "no way out");
  if (routes.length === 1) return dialOne(first, options, diallers);
  const details: string[] = [];
  let last: Dialled | undefined;
  const share = shareOf(options, routes.length);
  for (const route of restedFirst(routes, diallers)) {
    last = await dialOne(route, { ...options, connectMs: share.next() }, diallers);
    if (last.kind === "open") return last;
    details.push(`${route.backend}: ${last.detail}`);
    if (last.sent === true || options.leash.code !== undefined) break;
    // A person was waited for, and the time of that is not the time to connect.
    if (last.code.startsWith("IDENTITY_")) share.restart();
  }
  return last === undefined || last.kind === "open" ? dialFailed("ROUTE_NONE", "no way out") : { ...last, detail: details.join("; ") };
}

function restedFirst(routes: readonly Route[], diallers: Diallers): readonly Route[] {
  const isResting = ({ backend }: Route): boolean => diallers.get(backend)?.isResting?.() === true;
  const resting = routes.filter(isResting);
  return resting.length === 0 ? routes : [...routes.filter((route) => !resting.includes(route)), ...resting];
}

/** A silent way out must leave time for those behind it; what one does not need, the others have. */
function shareOf({ connectMs, clock }: DialRoutesOptions, count: number): { next(): number; restart(): void } {
  let left = count;
  let startedAt = clock?.monotonic() ?? 0;
  return {
    next: () => {
      const spent = clock === undefined ? 0 : clock.monotonic() - startedAt;
      const share = clock === undefined ? connectMs / count : Math.max(0, connectMs - spent) / left;
      left -= 1;
      return share;
    },
    restart: () => {
      startedAt = clock?.monotonic() ?? 0;
    },
  };
}

function dialOne(route: Route, options: DialOptions, diallers: Diallers): Promise<Dialled> {
  const dialler = diallers.get(route.backend);
  if (dialler !== undefined) return dialler.dial(route, options);
  return Promise.resolve(dialFailed("ROUTE_BACKEND_UNKNOWN", `there is no way out called ${route.backend}`));
}
