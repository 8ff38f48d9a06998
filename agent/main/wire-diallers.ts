import { readFile } from "node:fs/promises";
import { AgentError, type Clock, type Logger } from "../base/index.ts";
import type { BackendConfig, Snapshot } from "../config/index.ts";
import type { AddressOf } from "../context/index.ts";
import type { Problem } from "../contract/index.ts";
import {
  type BackendCheck,
  BackendChecks,
  BackendHealth,
  createDirectDialler,
  createHttp2Start,
  createHttpNegotiation,
  createOwnListeners,
  createPlainForwarding,
  createProbe,
  createServerDialler,
  createServerResolver,
  createSocks5Negotiation,
  createSystemResolver,
  type Dialler,
  type Diallers,
  formatBasic,
  formatBearer,
  type Health,
  type LastCheck,
  type Negotiate,
  type Probe,
  type ReadAuthorization,
  type Resolve,
  type Server,
  SharedServer,
  SpareConnections,
  Tickets,
  watchDialler,
} from "../dial/index.ts";
import type { Address, Wheel } from "../net/index.ts";
import { readLocalAddresses } from "../platform/index.ts";
import { directBackend } from "../routes/index.ts";
import { PacFiles } from "./pac-files.ts";
import { type Share, SharedServers } from "./shared-servers.ts";
import { VerifyPlugins } from "./verify-plugins.ts";
import type { WiredHostKeys } from "./wire-host-keys.ts";
import type { WiredIdentities } from "./wire-identities.ts";
import { createProxySettings } from "./wire-proxies.ts";
import { createSshServer } from "./wire-ssh.ts";
import { assertListenersTls, createSecure } from "./wire-tls.ts";

export interface DiallerRooms {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly logger: Logger;
  readonly identities: Pick<WiredIdentities, "secureWith" | "askPassphrase" | "sshKey">;
  readonly hostKeys: WiredHostKeys;
  /** Where our own listeners are now. */
  readonly listening: () => readonly Address[];
  /** A way out began to fail, or works again. */
  readonly onHealth: () => void;
}

/** The ways out of every snapshot, and what outlives them: health and TLS sessions. */
export interface WaysOut {
  /** By name. Throws AgentError when the snapshot's certificates and keys cannot be used. */
  diallers(snapshot: Snapshot): Diallers;
  /** What `diallers` would throw for, as problems that refuse a reload. */
  check(snapshot: Snapshot): readonly Problem[];
  health(backend: string): Health;
  lastCheck(backend: string): LastCheck | undefined;
  /** Every server is met in full the next time. */
  forgetSessions(): void;
  close(): void;
}

const resolvers = new WeakMap<Snapshot, Resolve>();

/** One for each snapshot, so that a rule about addresses and the dialling behind it share their equal questions. */
function resolverOf(snapshot: Snapshot): Resolve {
  const known = resolvers.get(snapshot);
  if (known !== undefined) return known;
  const { servers, timeoutMs } = snapshot.config.resolver;
  const made = servers.length === 0 ? createSystemResolver() : createServerResolver(servers, timeoutMs);
  resolvers.set(snapshot, made);
  return made;
}

/** `request.ip` of a name, for a rule that asks: the address that would be tried first. The one that is dialled is judged again. */
export function createAddressOf(snapshot: () => Snapshot): AddressOf {
  return async (host) => {
    const resolved = await resolverOf(snapshot())(host);
    const [address] = resolved.kind === "resolved" ? resolved.addresses : [];
    return address === undefined ? { why: resolved.kind === "failed" ? resolved.detail : `${host} has no address` } : { address };
  };
}

export function createWaysOut(rooms: DiallerRooms): WaysOut {
  const { clock, wheel, logger, identities, hostKeys, listening, onHealth } = rooms;
  const tickets = new Tickets({ clock });
  const plugins = new VerifyPlugins({ clock, logger });
  const remembered = new Map<string, { readonly config: string; readonly health: BackendHealth }>();

  const healthOf = (backend: BackendConfig): BackendHealth => {
    const config = JSON.stringify(backend);
    const known = remembered.get(backend.name);
    if (known?.config === config) return known.health;
    const onChange = (health: Health): void => {
      logger.info("backend health", {
        backend: backend.name,
        state: health.state,
        problem: "problem" in health ? health.problem : undefined,
      });
      onHealth();
    };
    const health = new BackendHealth({ clock, onChange });
    remembered.set(backend.name, { config, health });
    return health;
  };

  const shared = new SharedServers();
  const spares = new SpareConnections(wheel);
  const checks = new BackendChecks(clock);
  const pacFiles = new PacFiles({ clock, logger });

  const create = (snapshot: Snapshot, share: Share, probes = new Map<string, Probe>()): Map<string, Dialler> => {
    const resolve = resolverOf(snapshot);
    const isOwnListener = createOwnListeners({ listening, localAddresses: readLocalAddresses });
    const direct = createDirectDialler({ clock, wheel, resolve, isOwnListener });
    const made = new Map<string, Dialler>([[directBackend, direct]]);
    /** By backend, the first server on its way at which a person may be asked for something. */
    const asking = new Map<string, Server>();
    /** Each after the one that it leads through; the configuration has no circles. */
    const make = (name: string): Dialler => {
      const known = made.get(name);
      if (known !== undefined) return known;
      const backend = snapshot.config.backends.find((one) => one.name === name);
      const reach = make(backend?.via ?? directBackend);
      const settings =
        backend === undefined
          ? undefined
          : createProxySettings(backend, snapshot, { clock, wheel, logger, tickets, pacFiles, direct, resolve });
      if (settings !== undefined) made.set(name, settings);
      if (backend?.address === undefined) return settings ?? reach;
      const secure = createSecure(backend, snapshot, { clock, tickets, identities, plugins });
      const server = { address: backend.address, reach, clock, wheel, ...(secure === undefined ? {} : { secure }) };
      const dialler = diallerOf(backend, server, share);
      made.set(name, dialler);
      const first = backend.via === undefined ? undefined : asking.get(backend.via);
      if (first !== undefined || mayAskPerson(backend, server)) asking.set(name, first ?? server);
      probes.set(name, createProbe({ server, dialler, target: backend.check?.target, asking: asking.get(name) }));
      return dialler;
    };
    for (const { name } of snapshot.config.backends) made.set(name, make(name));
    return made;
  };

  const diallerOf = (backend: BackendConfig, server: Server, share: Share): Dialler => {
    if (backend.kind === "ssh") return share(backend.name, () => createSshServer(backend, server, { identities, hostKeys, readSecret }));
    if (backend.kind === "http2") return share(backend.name, () => createHttp2Server(backend, server));
    const negotiate = negotiationOf(backend);
    if (negotiate === undefined) return server.reach;
    const tunnel = createServerDialler({ ...server, negotiate, spares });
    return backend.forwardsPlain === true ? createPlainForwarding(server, tunnel, authorizationOf(backend)) : tunnel;
  };

  return {
    diallers: (snapshot) => {
      spares.clear();
      let made = new Map<string, Dialler>();
      const probes = new Map<string, Probe>();
      shared.replace(snapshot, (share) => {
        made = create(snapshot, share, probes);
      });
      plugins.follow(snapshot);
      pacFiles.follow(snapshot);
      const { backends } = snapshot.config;
      for (const name of remembered.keys()) if (!backends.some((one) => one.name === name)) remembered.delete(name);
      checks.follow(backends.flatMap((backend) => checkOf(backend, healthOf, probes.get(backend.name))));
      return new Map(
        [...made].map(([name, dialler]) => {
          const backend = backends.find((one) => one.name === name);
          return [name, backend?.address === undefined ? dialler : watchDialler(dialler, healthOf(backend))];
        }),
      );
    },
    check: (snapshot) => {
      try {
        create(snapshot, (_, make) => make());
        assertListenersTls(snapshot);
        return [];
      } catch (cause) {
        return [problemOf(snapshot, cause)];
      }
    },
    forgetSessions: () => {
      tickets.flush();
      spares.clear();
      shared.renew();
    },
    close: () => {
      spares.clear();
      checks.close();
      shared.close();
      plugins.close();
      pacFiles.close();
    },
    lastCheck: (backend) => remembered.get(backend)?.health.lastCheck,
    health: (backend) => remembered.get(backend)?.health.current ?? { state: "unknown" },
  };
}

function checkOf(
  backend: BackendConfig,
  healthOf: (backend: BackendConfig) => BackendHealth,
  probe: Probe | undefined,
): readonly BackendCheck[] {
  const { name, check } = backend;
  return check === undefined || probe === undefined ? [] : [{ backend: name, health: healthOf(backend), probe, ...check }];
}

/** For a PIN, a touch, a passphrase, or whether a server's key is the right one. */
function mayAskPerson({ kind }: BackendConfig, { secure }: Server): boolean {
  return kind === "ssh" || secure?.ready !== undefined;
}

function problemOf({ config }: Snapshot, cause: unknown): Problem {
  if (!(cause instanceof AgentError)) throw cause;
  return { file: config.path ?? "backends", line: 1, column: 1, severity: "error", code: cause.code, message: cause.detail };
}

/** A connection that nobody uses is closed after this. */
const idleMs = 5 * 60_000;

function createHttp2Server(backend: BackendConfig, server: Server): SharedServer {
  const readAuthorization = authorizationOf(backend);
  const start = createHttp2Start({ wheel: server.wheel, ...(readAuthorization === undefined ? {} : { readAuthorization }) });
  return new SharedServer({ ...server, alpn: "h2", start, connections: backend.connections ?? 1, idleMs });
}

function authorizationOf({ username, passwordPath, tokenPath }: BackendConfig): ReadAuthorization | undefined {
  if (tokenPath !== undefined) return async () => formatBearer(await readSecret(tokenPath));
  const hasLogin = username !== undefined && passwordPath !== undefined;
  return hasLogin ? async () => formatBasic(username, await readSecret(passwordPath)) : undefined;
}

/** How a server is asked for a tunnel on a connection of its own; undefined for ways out that know no such question. */
function negotiationOf(backend: BackendConfig): Negotiate | undefined {
  const { kind, username, passwordPath } = backend;
  const hasLogin = username !== undefined && passwordPath !== undefined;
  switch (kind) {
    case "socks5":
      return createSocks5Negotiation(hasLogin ? async () => ({ username, password: await readSecret(passwordPath) }) : undefined);
    case "http":
      return createHttpNegotiation(authorizationOf(backend));
    case "direct":
    case "environment":
    case "pac":
    case "http2":
    case "ssh":
      return undefined;
  }
}

/** Read for each connection, so that a renewed secret counts at once. A line end belongs to the editor, not to the secret. */
async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new AgentError("DIAL_BACKEND_AUTH", "the secret of this way out cannot be read", { cause });
  }
}
