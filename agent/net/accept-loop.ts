import { createServer, type Server, type Socket } from "node:net";
import { AgentError, formatCause, type Logger } from "../base/index.ts";
import { HandleLeg } from "./handle-leg.ts";
import { type Handle, kernel } from "./kernel.ts";
import type { LegBase, LegKeeper } from "./leg-base.ts";
import type { Address, Leg } from "./leg.ts";
import { StreamLeg } from "./stream-leg.ts";
import { assertPrivateSocket, clearStaleSocket, withPrivateUmask } from "./unix-path.ts";
import { type Wheel, WheelEntry } from "./wheel.ts";

/** Where to listen. A Unix socket is made for its owner only. An inherited descriptor listens already. */
export type ListenAt =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "fd"; readonly fd: number; readonly name: string };

export interface AcceptLoopOptions {
  readonly listen: readonly ListenAt[];
  /** A new connection. What it throws is logged, and the connection is closed. */
  readonly onLeg: (leg: Leg) => void;
  /** Beyond this many living connections new ones go to `onOverload`, or are closed. */
  readonly maxConnections: number;
  /** Says no in the protocol's words, and must do so at once. */
  readonly onOverload?: (leg: Leg) => void;
  /** For connections that are told to finish and do not. */
  readonly wheel: Wheel;
  readonly logger: Logger;
}

/** A listener that runs. */
export interface Acceptor {
  /** Real addresses, port 0 replaced, as people read them: `127.0.0.1:1080`, `[::1]:1080`, `unix:/run/…`. */
  readonly addresses: readonly string[];
  /** The TCP ones among them. */
  readonly bound: readonly Address[];
  /** Living connections accepted here, released ones included. */
  readonly connections: number;
  /** Take no new connections; living ones go on. Resolves when the ports are free. A second call is the same promise. */
  stop(): Promise<void>;
  /** Stop, wait for the living ones at most `drainMs` (kept by the wheel), then destroy them. */
  close(drainMs: number): Promise<void>;
}

/** Open all of `options.listen`, or none: a failure closes what was opened and rejects with AGENT_LISTEN. */
export async function acceptLoop(options: AcceptLoopOptions): Promise<Acceptor> {
  const loop = new AcceptLoop(options);
  try {
    for (const at of options.listen) await loop.open(at);
  } catch (cause) {
    await loop.stop();
    throw cause;
  }
  return loop;
}

/** A burst of this many connections waits in the kernel instead of being turned away. */
const BACKLOG = 4096;
/** How long a leg that was told to finish may take. */
const LINGER_MS = 5000;
/** Beyond the cap, this many more may hear why they are turned away; the rest is closed without a word. */
const OVERLOAD_ROOM = 64;

class AcceptLoop implements Acceptor, LegKeeper {
  readonly addresses: string[] = [];
  readonly bound: Address[] = [];
  private readonly options: AcceptLoopOptions;
  private readonly servers: Server[] = [];
  private readonly legs = new Set<LegBase>();
  private stopping: Promise<void> | undefined;
  private whenEmpty: (() => void) | undefined;
  private acceptFailing = false;

  constructor(options: AcceptLoopOptions) {
    this.options = options;
  }

  get connections(): number {
    return this.legs.size;
  }

  async open(at: ListenAt): Promise<void> {
    if (at.kind === "unix") await clearStaleSocket(at.path);
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    this.servers.push(server);
    await listening(server, at);
    if (at.kind === "unix") await assertPrivateSocket(at.path);
    this.serve(server, this.note(server));
  }

  stop(): Promise<void> {
    if (this.stopping === undefined) {
      for (const server of this.servers) closeServer(server);
      this.stopping = Promise.resolve();
    }
    return this.stopping;
  }

  async close(drainMs: number): Promise<void> {
    await this.stop();
    if (this.legs.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.whenEmpty = () => resolve(undefined);
    const patience = new WheelEntry(() => {
      for (const leg of this.legs) leg.destroy();
    });
    if (drainMs > 0) this.options.wheel.arm(patience, drainMs);
    else patience.fire();
    await promise;
    this.options.wheel.disarm(patience);
  }

  legGone(leg: LegBase): void {
    this.legs.delete(leg);
    if (this.legs.size === 0) this.whenEmpty?.();
  }

  linger(leg: LegBase): void {
    this.options.wheel.arm(new WheelEntry(() => leg.destroy()), LINGER_MS);
  }

  /** Remember where it really listens; returns what is our end of every connection, when that is one address. */
  private note(server: Server): Address | undefined {
    const at = server.address();
    if (at === null) return undefined;
    if (typeof at === "string") {
      this.addresses.push(`unix:${at}`);
      return { address: at, port: 0 };
    }
    const address: Address = { address: at.address, port: at.port };
    this.bound.push(address);
    this.addresses.push(formatAddress(address));
    return at.address === "0.0.0.0" || at.address === "::" ? undefined : address;
  }

  private serve(server: Server, localName: Address | undefined): void {
    server.on("error", (cause) => this.acceptFailed(formatCause(cause)));
    const handle = (server as unknown as { _handle: { onconnection?: unknown } | null })._handle;
    const bare = kernel;
    if (bare === undefined || handle === null) {
      server.on("connection", (socket: Socket) => this.take(new StreamLeg(socket, localName)));
      return;
    }
    handle.onconnection = (status: number, accepted: Handle): void => {
      if (status < 0) this.acceptFailed(`error ${status}`);
      else this.take(new HandleLeg(bare, accepted, localName));
    };
  }

  private take(leg: LegBase): void {
    const { maxConnections, onOverload, onLeg } = this.options;
    const isFull = this.legs.size >= maxConnections;
    if (this.stopping !== undefined || (isFull && (onOverload === undefined || this.legs.size >= maxConnections + OVERLOAD_ROOM))) {
      leg.destroy();
      return;
    }
    this.acceptFailing = false;
    leg.keeper = this;
    this.legs.add(leg);
    try {
      if (isFull) onOverload?.(leg);
      else onLeg(leg);
    } catch (cause) {
      this.options.logger.error("accept.failed", { cause: formatCause(cause) });
      leg.destroy();
    }
  }

  /**
   * Out of descriptors, most likely. The runtime sheds what waits by means of a descriptor that it holds in reserve, so this neither
   * spins nor kills the listener; one line in the log for each spell of it.
   */
  private acceptFailed(cause: string): void {
    if (!this.acceptFailing) this.options.logger.warn("accept.failed", { cause });
    this.acceptFailing = true;
  }
}

/** As people write it: IPv6 in brackets. */
export function formatAddress(at: Address): string {
  return at.address.includes(":") ? `[${at.address}]:${at.port}` : `${at.address}:${at.port}`;
}

function listening(server: Server, at: ListenAt): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => reject(listenFailure(at, cause));
    server.once("error", failed);
    server.once("listening", () => {
      server.off("error", failed);
      resolve();
    });
    if (at.kind === "fd") server.listen({ fd: at.fd, backlog: BACKLOG });
    else if (at.kind === "tcp") server.listen({ host: at.host, port: at.port, backlog: BACKLOG });
    else withPrivateUmask(() => server.listen({ path: at.path, backlog: BACKLOG }));
  });
}

function listenFailure(at: ListenAt, cause: NodeJS.ErrnoException): AgentError {
  const place = at.kind === "tcp" ? formatAddress({ address: at.host, port: at.port }) : at.kind === "unix" ? at.path : at.name;
  const says: Record<string, string> = {
    EADDRINUSE: "is taken by another process; choose another port or stop it",
    EACCES: "may not be used by this user; choose a port above 1023 or another path",
    EADDRNOTAVAIL: "is no address of this machine",
    ENOTFOUND: "is no address; write an IP address",
  };
  return new AgentError("AGENT_LISTEN", `${place} ${says[cause.code ?? ""] ?? `cannot be opened (${cause.code ?? cause.message})`}`, {
    cause,
  });
}

/** The port is free when this returns; what the server was told about living connections is not waited for. */
function closeServer(server: Server): void {
  if (server.listening) server.close();
}
