import type { Route } from "../connection/index.ts";
import { formatAddress } from "../net/index.ts";
import { type Dialled, type Dialler, dialFailed, type DialOptions } from "./dialler.ts";
import { assertFields, type ReadAuthorization } from "./http-connect.ts";
import { reachServer, type Server } from "./reach-server.ts";
import { unknownAddress } from "./server-dialler.ts";

/**
 * A way out through an HTTP proxy that takes requests for `http:` themselves (RFC 9112 section 3.2.2), because it allows CONNECT for other
 * ports than 80 only. Everything else goes through the tunnel as before.
 */
export function createPlainForwarding(server: Server, tunnel: Dialler, readAuthorization: ReadAuthorization | undefined): Dialler {
  return {
    ...tunnel,
    dial: (route, options) =>
      options.isPlainHttp === true ? dialPlain(route, options, { server, readAuthorization }) : tunnel.dial(route, options),
  };
}

interface Proxy {
  readonly server: Server;
  readonly readAuthorization: ReadAuthorization | undefined;
}

async function dialPlain(route: Route, { connectMs, leash }: DialOptions, { server, readAuthorization }: Proxy): Promise<Dialled> {
  const { backend, host, port } = route;
  const use = async () => {
    const authorization = await readAuthorization?.();
    // `http:` is port 80 where none is said.
    const authority = port === 80 ? formatAddress({ address: host, port }).replace(/:80$/, "") : formatAddress({ address: host, port });
    assertFields([authority, authorization ?? ""]);
    return { kind: "open", forward: { authority, ...(authorization === undefined ? {} : { authorization }) } } as const;
  };
  const reached = await reachServer(server, use, { backend, connectMs, leash });
  if (reached.kind === "failed") return leash.code === undefined ? reached : dialFailed(leash.code, "given up");
  const { leg, remote, used } = reached;
  return { kind: "open", upstream: { leg, backend, local: unknownAddress, remote, forward: used.forward } };
}
