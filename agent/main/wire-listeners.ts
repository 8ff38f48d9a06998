import { readFile } from "node:fs/promises";
import { AgentError } from "../base/index.ts";
import type { ListenAddress, PemTexts } from "../config/index.ts";
import type { Request } from "../connection/index.ts";
import { createCheckLogin, createProxyListener, type TurnedAway } from "../listeners/index.ts";
import type { ListenAt, Upstream, Wheel } from "../net/index.ts";
import type { Serve } from "../connection/index.ts";
import { handle, type Ids, incidentOf, type Ports } from "../pipeline/index.ts";
import type { InheritedSocket } from "../platform/index.ts";
import { canonicalHost } from "../policy/index.ts";
import { createListenerSet, type ListenerSet } from "./listener-set.ts";
import type { ConnectionRooms } from "./wire-connections.ts";
import { serverTls } from "./wire-tls.ts";

export interface ListenerRooms extends ConnectionRooms {
  readonly wheel: Wheel;
  readonly ids: Ids;
  readonly inherited: readonly InheritedSocket[];
  /** Of the snapshot in force. */
  readonly ports: () => Ports;
  /** Of the snapshot in force, or of the one that is being prepared. */
  readonly pem: () => PemTexts;
  readonly limits: () => { readonly connections: number; readonly handshakeMs: number };
}

export function wireListeners(rooms: ListenerRooms): ListenerSet {
  const { clock, wheel, logger, ids, gate } = rooms;
  const serve: Serve<Upstream> = (request: Request, client) => {
    gate.lookFor(request);
    return handle(request, client, rooms.ports());
  };
  return createListenerSet(async (config) => {
    if (config.kind !== "proxy") throw new AgentError("AGENT_LISTEN", `listeners of kind ${config.kind} are not available yet`);
    const { connections, handshakeMs } = rooms.limits();
    const { tls, login } = config;
    const checkLogin =
      login === undefined ? undefined : createCheckLogin(login.username, (await readFile(login.passwordPath, "utf8")).trimEnd());
    return createProxyListener({
      name: config.name,
      listen: config.listen.map((at) => listenAt(at, rooms.inherited)),
      protocols: config.protocols,
      maxConnections: connections,
      identify: gate.gateOf(config.users),
      serve,
      canonicalHost: (host) => canonicalHost(host)?.value,
      nextId: () => ids.nextId(),
      incidentOf,
      turnedAway: (refused) => recordTurnedAway(rooms, refused),
      clock,
      wheel,
      logger,
      ...(tls === undefined ? {} : { tls: () => serverTls(tls, rooms.pem()) }),
      ...(checkLogin === undefined ? {} : { checkLogin }),
      deadlines: { handshakeMs, keepAliveMs: 75_000 },
    });
  });
}

function listenAt(at: ListenAddress, inherited: readonly InheritedSocket[]): ListenAt {
  if (at.kind !== "systemd") return at;
  const found = inherited.find(({ name }) => name === at.name);
  if (found === undefined) throw new AgentError("AGENT_LISTEN", `systemd handed over no socket called ${at.name}`);
  return { kind: "fd", fd: found.fd, name: at.name };
}

/** Strangers at the door leave an event in the record; noise and slow programs only a line in the log. */
function recordTurnedAway({ audit, logger, ids }: ListenerRooms, { listener, protocol, code, detail, peer }: TurnedAway): string {
  const incident = incidentOf(ids.nextId());
  logger.info("client turned away", { listener, protocol, code, detail, incident, uid: peer?.uid });
  if (code === "ACCEPT_OTHER_USER" || code === "ACCEPT_UNKNOWN_USER" || code === "SOCKS_AUTH") {
    const recorded = audit.recordEvent({ name: "caller_refused", incident, detail: { listener, code, detail, uid: peer?.uid } });
    recorded.catch(() => logger.warn("an event could not be recorded", { incident }));
  }
  return incident;
}
