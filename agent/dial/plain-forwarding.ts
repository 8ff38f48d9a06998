import { AgentError } from "../base/index.ts";
import type { Route } from "../connection/index.ts";
import { formatAddress, type ProxyAnswer } from "../net/index.ts";
import { type Dialled, type Dialler, dialFailed, type DialOptions } from "./dialler.ts";
import { assertFields, judgeAnswer, type ReadAuthorization } from "./http-connect.ts";
import { named, reachServer, type Server } from "./reach-server.ts";
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
    const refusal = (answer: ProxyAnswer) => refusalOf(answer, server, authorization !== undefined);
    return { kind: "open", forward: { authority, refusal, ...(authorization === undefined ? {} : { authorization }) } } as const;
  };
  const reached = await reachServer(server, use, { backend, connectMs, leash });
  if (reached.kind === "failed") return leash.code === undefined ? reached : dialFailed(leash.code, "given up");
  const { leg, remote, used } = reached;
  return { kind: "open", upstream: { leg, backend, local: unknownAddress, remote, forward: used.forward } };
}

/** RFC 9110 section 15.5.8: only a proxy asks with 407. Any other answer may be the destination's and is passed on as it is. */
function refusalOf(answer: ProxyAnswer, server: Server, hasLogin: boolean): AgentError | undefined {
  const judged = answer.status === 407 ? judgeAnswer(answer, hasLogin) : undefined;
  return judged?.kind === "failed" ? new AgentError(judged.code, named(server, judged).detail) : undefined;
}
