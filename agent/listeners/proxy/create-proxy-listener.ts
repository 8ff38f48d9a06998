import type { Clock, Logger } from "../../base/index.ts";
import type { Serve } from "../../connection/index.ts";
import { type Acceptor, acceptLoop, type Leg, type ListenAt, type Upstream, type Wheel } from "../../net/index.ts";
import type { CheckLogin } from "../login.ts";
import { type Crowd, type Deadlines, defaultDeadlines, Drain, type Reception, type TurnedAway } from "../reception.ts";
import { originOf } from "./origin-of.ts";
import { type Identify, Porter, type PorterOptions, type ProxyProtocol } from "./porter.ts";
import { type ServerTls, TlsDoor } from "./tls-door.ts";

export interface ProxyListenerOptions {
  readonly name: string;
  readonly listen: readonly ListenAt[];
  readonly protocols: readonly ProxyProtocol[];
  readonly maxConnections: number;
  /** The `users` gate. Asked once for each connection that says something, before any byte is answered. What it throws refuses. */
  readonly identify: Identify;
  readonly checkLogin?: CheckLogin;
  readonly serve: Serve<Upstream>;
  readonly canonicalHost: (host: string) => string | undefined;
  readonly nextId: () => string;
  /** The short name by which person, support and record find a request. */
  readonly incidentOf: (id: string) => string;
  /** See {@link Reception.turnedAway}. */
  readonly turnedAway: (refused: TurnedAway) => string;
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly logger: Logger;
  readonly deadlines?: Deadlines;
  /** Present: TLS only. Asked again by {@link ProxyListener.renew}. */
  readonly tls?: () => ServerTls;
}

/** A proxy listener that runs. */
export interface ProxyListener {
  readonly name: string;
  readonly addresses: Acceptor["addresses"];
  readonly bound: Acceptor["bound"];
  /** Living ones, and the streams of those that carry several. */
  readonly connections: number;
  /** Take the certificates of `tls` as they are now; living connections go on. */
  renew(): void;
  /** Refuse in the protocol's words whoever comes from now on; end connections that only wait. What is under way goes on. */
  drain(): void;
  /** Drain, stop accepting, wait for living connections at most `drainMs`, then cut them. */
  close(drainMs: number): Promise<void>;
}

/** The mixed port: SOCKS5, HTTP/1.1 and HTTP/2, told apart by the first bytes. Rejects with AGENT_LISTEN when it cannot listen. */
export async function createProxyListener(options: ProxyListenerOptions): Promise<ProxyListener> {
  const { listen, maxConnections, wheel, logger, identify, protocols } = options;
  const crowd = new StreamCrowd(maxConnections);
  const reception = createReception(options, crowd);
  const porter = new Porter({ reception, protocols, identify, logger });
  const door = options.tls === undefined ? undefined : createDoor(options.tls(), { reception, protocols, identify, logger });
  const welcome = (leg: Leg) => (door === undefined ? porter.welcome(leg) : door.open(leg));
  // A handshake for the sake of saying no is not worth its price.
  const turnBack = (leg: Leg) => (door === undefined ? porter.turnBack(leg) : leg.destroy());
  const acceptor = await acceptLoop({
    listen,
    maxConnections,
    onLeg: (leg) => (crowd.isFull ? turnBack(leg) : welcome(leg)),
    onOverload: turnBack,
    wheel,
    logger,
  });
  crowd.countedBeside = () => acceptor.connections;
  return {
    name: options.name,
    addresses: acceptor.addresses,
    bound: acceptor.bound,
    get connections() {
      return acceptor.connections + crowd.streams;
    },
    renew: () => {
      if (options.tls !== undefined) door?.renew(options.tls());
    },
    drain: () => reception.drain.begin(),
    close: (drainMs) => {
      reception.drain.begin();
      return acceptor.close(drainMs);
    },
  };
}

/** Behind the handshake everything is as on a plain port, and requests carry the client's certificate. */
function createDoor(tls: ServerTls, porting: PorterOptions): TlsDoor {
  const { reception } = porting;
  const plain = new Porter(porting);
  return new TlsDoor(tls, {
    clock: reception.clock,
    wheel: reception.wheel,
    handshakeMs: reception.deadlines.handshakeMs,
    alpn: porting.protocols.includes("http") ? ["h2", "http/1.1"] : [],
    welcome: (leg, clientCertificate) => {
      if (clientCertificate === undefined) return plain.welcome(leg);
      const serve: Serve<Upstream> = (request, client) => reception.serve({ ...request, clientCertificate }, client);
      new Porter({ ...porting, reception: { ...reception, serve } }).welcome(leg);
    },
    turnedAway: (leg, code, detail) => {
      const origin = originOf(leg) ?? { kind: "unix", path: "" };
      reception.turnedAway({ listener: reception.listener, protocol: undefined, code, detail, origin, peer: undefined });
    },
  });
}

/** Streams beside the connections that the acceptor counts, under one limit. */
class StreamCrowd implements Crowd {
  streams = 0;
  countedBeside: () => number = () => 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.streams + this.countedBeside() > this.#limit;
  }

  enter(): boolean {
    this.streams += 1;
    return !this.isFull;
  }

  leave(): void {
    this.streams -= 1;
  }
}

function createReception(options: ProxyListenerOptions, crowd: Crowd): Reception {
  const { name, checkLogin, serve, clock, wheel, nextId, incidentOf, canonicalHost, turnedAway, deadlines = defaultDeadlines } = options;
  const reception = {
    listener: name,
    serve,
    clock,
    wheel,
    nextId,
    incidentOf,
    canonicalHost,
    turnedAway,
    deadlines,
    drain: new Drain(),
    crowd,
  };
  return checkLogin === undefined ? reception : { ...reception, checkLogin };
}
