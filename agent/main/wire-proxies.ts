import type { Clock, Logger } from "../base/index.ts";
import type { BackendConfig, Snapshot } from "../config/index.ts";
import {
  type ChooseWays,
  createChoosingDialler,
  createHttpNegotiation,
  createPacProxies,
  createServerDialler,
  createSocks5Negotiation,
  createTlsConnector,
  type Dialler,
  type ProxyWay,
  readEnvironmentProxies,
  type Resolve,
  type Tickets,
} from "../dial/index.ts";
import type { Wheel } from "../net/index.ts";
import { readLocalAddresses } from "../platform/index.ts";
import type { PacFiles } from "./pac-files.ts";

export interface ProxyRooms {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly logger: Logger;
  readonly tickets: Tickets;
  readonly pacFiles: PacFiles;
  /** How proxies themselves are reached. It knows our own listeners, so a setting that points at us is a loop that is found out. */
  readonly direct: Dialler;
  readonly resolve: Resolve;
}

/** A way out by the proxy settings of this machine; undefined for other kinds. */
export function createProxySettings(backend: BackendConfig, snapshot: Snapshot, rooms: ProxyRooms): Dialler | undefined {
  const choose = chooserOf(backend, snapshot, rooms);
  if (choose === undefined) return undefined;
  const ca = backend.proxyCa?.map((one) => snapshot.pem.get(one) ?? "");
  return createChoosingDialler({ choose, open: (way) => openProxy(way, ca, rooms), clock: rooms.clock });
}

function chooserOf({ kind, name, pac }: BackendConfig, { pem }: Snapshot, rooms: ProxyRooms): ChooseWays | undefined {
  const { clock, resolve, logger, pacFiles } = rooms;
  if (kind === "environment") {
    const { choose, problems } = readEnvironmentProxies(process.env);
    for (const problem of problems) logger.warn("a proxy of the environment is not used", { backend: name, problem });
    return choose;
  }
  if (pac === undefined) return undefined;
  const file = pacFiles.fileOf(name, pac, pem);
  return createPacProxies({ clock, resolve, ask: (input) => file.ask(input), ownAddress });
}

function openProxy(way: Exclude<ProxyWay, { readonly kind: "direct" }>, ca: readonly string[] | undefined, rooms: ProxyRooms): Dialler {
  const { clock, wheel, tickets, direct } = rooms;
  const { kind, host, port } = way;
  const negotiate = kind === "socks5" ? createSocks5Negotiation() : createHttpNegotiation();
  const server = { address: { host, port }, reach: direct, clock, wheel, negotiate };
  if (kind !== "https") return createServerDialler(server);
  const trust = { host, port, serverName: host, pins: [], uris: [], ...(ca === undefined ? {} : { ca }) };
  return createServerDialler({ ...server, secure: createTlsConnector(trust, { clock, tickets }) });
}

/** What a PAC file takes for this machine's address. */
function ownAddress(): string {
  for (const address of readLocalAddresses()) if (!address.includes(":") && !address.startsWith("127.")) return address;
  return "127.0.0.1";
}
