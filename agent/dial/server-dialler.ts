import type { Route } from "../connection/index.ts";
import type { Address, Leg } from "../net/index.ts";
import type { Dialled, Dialler, DialFailure, DialOptions } from "./dialler.ts";
import { reachServer, type Server } from "./reach-server.ts";

/** What a server said to our request for a tunnel. `local`: the address that it bound for us, when it says so. */
export type Negotiated = { readonly kind: "open"; readonly local?: Address } | DialFailure;

/** Asks the server for a tunnel in its own protocol. Rejects with LegEnded when the server goes away in the middle. */
export type Negotiate = (leg: Leg, route: Route) => Promise<Negotiated>;

export interface ServerDiallerOptions extends Server {
  readonly negotiate: Negotiate;
}

/**
 * A way out through a server that is asked for each tunnel on a connection of its own. Names are resolved by the server: nothing is
 * looked up here. Many tunnels on one connection: `SharedServer`.
 */
export function createServerDialler(server: ServerDiallerOptions): Dialler {
  return { dial: (route, options) => dialThrough(route, options, server) };
}

async function dialThrough(route: Route, { connectMs, leash }: DialOptions, server: ServerDiallerOptions): Promise<Dialled> {
  const { backend } = route;
  const reached = await reachServer(server, (leg) => server.negotiate(leg, route), { backend, connectMs, leash });
  if (reached.kind === "failed") return reached;
  const { leg, remote, used } = reached;
  return { kind: "open", upstream: { leg, backend, local: used.local ?? unknownAddress, remote } };
}

/** RFC 1928 wants an address even where nobody said one. */
export const unknownAddress: Address = { address: "0.0.0.0", port: 0 };
