import type { Request, Route, Verdict } from "../connection/index.ts";

/** The way out that needs no configuration. */
export const directBackend = "direct";

export interface RouteOptions {
  /** Names of the configured backends; `direct` need not be among them. */
  readonly backends: { has(name: string): boolean };
  /** The listener's own `via`: when given, the policy's routes are not asked. */
  readonly via?: readonly string[];
}

export type RouteSelection =
  | { readonly kind: "routes"; readonly routes: readonly Route[] }
  | { readonly kind: "unknown"; readonly code: "ROUTE_BACKEND_UNKNOWN"; readonly backend: string };

/**
 * The ways out of an allowed request, first choice first, without duplicates; never empty.
 * SECURITY: one unknown name spoils the whole selection. Leaving it out could send the connection a way that nobody chose.
 */
export function selectRoutes(request: Pick<Request, "host" | "port">, verdict: Verdict, options: RouteOptions): RouteSelection {
  const { host, port } = verdict.rewrite ?? request;
  const wished = options.via ?? verdict.backends;
  const names = wished.length === 0 ? [directBackend] : [...new Set(wished)];
  const unknown = names.find((name) => name !== directBackend && !options.backends.has(name));
  if (unknown !== undefined) return { kind: "unknown", code: "ROUTE_BACKEND_UNKNOWN", backend: unknown };
  return { kind: "routes", routes: names.map((backend) => ({ backend, host, port })) };
}
