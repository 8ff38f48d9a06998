import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type Clock, formatCause, type Logger } from "../base/index.ts";
import type { Dispatch, StateFeed } from "../contract/index.ts";
import { bindStrictly, removeEndpoint } from "./bind.ts";
import type { ControlEndpoint } from "./endpoint.ts";
import { limitIncidents, type ReportIncident } from "./incident.ts";
import type { PeerOf, PeerProof } from "./peer.ts";
import { type SessionContext, serveSession } from "./session.ts";

export interface ControlServerOptions {
  readonly endpoint: ControlEndpoint;
  readonly version: string;
  readonly dispatch: Dispatch;
  readonly feed: StateFeed;
  /** The agent's own user id; others are refused. */
  readonly uid: number | undefined;
  readonly peerOf: PeerOf;
  /** Per-run secret that makes a caller `admin`. */
  readonly secret?: string | undefined;
  readonly audit: ReportIncident;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ControlServer {
  readonly path: string;
  /** Stop listening, end every client after its last answer, remove the socket. A second call waits for the first. */
  close(): Promise<void>;
}

/** A screen, a tray, a few terminals: more at once is a loop gone wild. */
const maxClients = 64;
/** What the last answers may take to be made, and then to be taken, when the channel closes. */
const farewellMs = 1000;

/** Open the channel. Rejects `AGENT_RUNNING` (a living agent answers there) or `AGENT_STATE_DIR` (the place is not ours). */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { endpoint, clock, uid, secret } = options;
  const running = new Set<Promise<unknown>>();
  const dispatch: Dispatch = (...call) => {
    const answer = options.dispatch(...call);
    running.add(answer);
    void answer.finally(() => running.delete(answer));
    return answer;
  };
  const context: SessionContext = { ...options, dispatch, household: { uid, secret }, report: limitIncidents(options.audit, clock) };
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on("error", ignoreGoneClient);
    if (clients.size >= maxClients) {
      socket.destroy();
      return;
    }
    clients.add(socket);
    socket.on("close", () => clients.delete(socket));
    void serveSession(socket, askForPeer(options, socket), context);
  });
  await bindStrictly(server, endpoint, uid);
  server.on("error", (cause) => options.log.error("control channel failed to accept", { cause: formatCause(cause) }));
  let closing: Promise<void> | undefined;
  return {
    path: endpoint.path,
    close: () => (closing ??= closeServer({ server, clients, running }, options)),
  };
}

interface Open {
  readonly server: Server;
  readonly clients: ReadonlySet<Socket>;
  readonly running: ReadonlySet<Promise<unknown>>;
}

/** Calls that run get their answers out first: `agent.stop` itself is one of them. */
async function closeServer({ server, clients, running }: Open, { clock, endpoint }: ControlServerOptions): Promise<void> {
  const closed = once(server, "close");
  server.close();
  await Promise.race([Promise.allSettled(running), delay(clock, farewellMs)]);
  for (const client of clients) client.end();
  const cancel = clock.after(farewellMs, () => {
    for (const client of clients) client.destroy();
  });
  await closed;
  cancel();
  removeEndpoint(endpoint);
}

function delay(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

/** A lookup that breaks proves nothing, and a caller without proof needs the secret. */
function askForPeer({ peerOf, log }: ControlServerOptions, socket: Socket): PeerProof | undefined {
  try {
    return peerOf(socket);
  } catch (cause) {
    log.warn("the kernel did not say who calls", { cause: formatCause(cause) });
    return undefined;
  }
}

/** A client that breaks off has nothing to be told; its session ends with the socket. */
function ignoreGoneClient(): void {}
