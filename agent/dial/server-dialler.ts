import type { Route } from "../connection/index.ts";
import type { Address, Leg } from "../net/index.ts";
import type { Dialled, Dialler, DialFailure, DialOptions } from "./dialler.ts";
import { reachServer, type Server, type ServerReached } from "./reach-server.ts";
import type { SpareConnections } from "./spare-connections.ts";

/** What a server said to our request for a tunnel. `local`: the address that it bound for us, when it says so. */
export type Negotiated = { readonly kind: "open"; readonly local?: Address } | DialFailure;

/** Asks the server for a tunnel in its own protocol. Rejects with LegEnded when the server goes away in the middle. */
export type Negotiate = (leg: Leg, route: Route) => Promise<Negotiated>;

export interface ServerDiallerOptions extends Server {
  readonly negotiate: Negotiate;
  /** Present: connections are opened ahead while the server is busy. */
  readonly spares?: SpareConnections;
}

/**
 * A way out through a server that is asked for each tunnel on a connection of its own. Names are resolved by the server: nothing is
 * looked up here. Many tunnels on one connection: `SharedServer`.
 */
export function createServerDialler(server: ServerDiallerOptions): Dialler {
  return { dial: (route, options) => dialThrough(route, options, server) };
}

async function dialThrough(route: Route, { connectMs, leash }: DialOptions, server: ServerDiallerOptions): Promise<Dialled> {
  const { address, clock, wheel, spares, negotiate } = server;
  const { backend } = route;
  const use = (leg: Leg): Promise<Negotiated> => negotiate(leg, route);
  const spare = spares?.take(server, backend);
  if (spare === undefined) return dialled(await reachServer(server, use, { backend, connectMs, leash }), backend);
  const startedAt = clock.monotonic();
  const reached = await reachServer({ address, clock, wheel, reach: spare }, use, { backend, connectMs, leash });
  const left = connectMs - (clock.monotonic() - startedAt);
  // The server may have hung up on the spare in this moment. It was asked for a tunnel and nothing was sent into one: ask again, anew.
  const isOver = reached.kind === "reached" || reached.sent === true || leash.code !== undefined || left <= 0;
  return dialled(
    !isOver && reached.isBackendDown === true ? await reachServer(server, use, { backend, connectMs: left, leash }) : reached,
    backend,
  );
}

type Opened = Negotiated & { readonly kind: "open" };

function dialled(reached: ServerReached<Opened> | DialFailure, backend: string): Dialled {
  if (reached.kind === "failed") return reached;
  const { leg, remote, used } = reached;
  return { kind: "open", upstream: { leg, backend, local: used.local ?? unknownAddress, remote } };
}

/** RFC 1928 wants an address even where nobody said one. */
export const unknownAddress: Address = { address: "0.0.0.0", port: 0 };
