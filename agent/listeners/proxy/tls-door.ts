import type { X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import { createSecureContext, createServer, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import { AgentError, type Clock, formatCause } from "../../base/index.ts";
import type { ClientCertificate } from "../../connection/index.ts";
import type { FailureCode } from "../../contract/index.ts";
import { type Leg, LegEnded, sniff, StreamLeg, type Wheel, WheelEntry } from "../../net/index.ts";

/** Certificates of a listener, PEM. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** With it a client certificate of one of these authorities is required. */
  readonly clientCa?: string;
  readonly crl?: string;
}

export interface TlsDoorOptions {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly handshakeMs: number;
  /** Offered by ALPN (RFC 7301), best first; none: whatever a client offers is passed over. What it then speaks its first bytes tell. */
  readonly alpn: readonly string[];
  readonly welcome: (leg: Leg, certificate: ClientCertificate | undefined) => void;
  readonly turnedAway: (leg: Leg, code: FailureCode, detail: string) => void;
}

/**
 * SECURITY: nobody looks at a client's certificate again when a session is resumed, so a ticket must not outlive a revocation for long.
 * Renewed certificates or revocation lists end all tickets at once, because they come with new ticket keys.
 */
const TICKET_LIFE_S = 300;
/** For last words to a client that does not read. */
const LINGER_MS = 5000;

/** TLS in front of a listener's protocols. In clear nothing is served, not even a refusal. */
export class TlsDoor {
  readonly #server: Server;
  readonly #options: TlsDoorOptions;
  readonly #knocking = new WeakMap<Duplex, Leg>();
  #isAskingForCertificate: boolean;

  constructor(tls: ServerTls, options: TlsDoorOptions) {
    assertServerTls(tls);
    this.#options = options;
    this.#isAskingForCertificate = tls.clientCa !== undefined;
    this.#server = createServer({
      ...contextOf(tls),
      ...askingFor(tls),
      ...(options.alpn.length === 0 ? {} : { ALPNProtocols: [...options.alpn] }),
      allowHalfOpen: true,
      handshakeTimeout: options.handshakeMs,
    });
    this.#server.on("secureConnection", (socket) => this.#secured(socket));
    this.#server.on("tlsClientError", (cause, socket) => this.#failed(cause, socket));
  }

  /** From the next handshake on; living connections keep what they have. Whether client certificates are wanted does not change. */
  renew(tls: ServerTls): void {
    assertServerTls(tls);
    this.#server.setSecureContext(contextOf(tls));
  }

  open(leg: Leg): void {
    this.#receive(leg).catch((cause: unknown) => {
      leg.destroy();
      if (!(cause instanceof LegEnded)) this.#options.turnedAway(leg, "INTERNAL", formatCause(cause));
    });
  }

  async #receive(leg: Leg): Promise<void> {
    const { wheel, handshakeMs, turnedAway } = this.#options;
    const deadline = new WheelEntry(() => leg.destroy());
    wheel.arm(deadline, handshakeMs);
    try {
      const first = await leg.peek();
      if (sniff(first) === "tls") return this.#handshake(leg);
      turnedAway(leg, "TLS_REQUIRED", `the first byte is ${first}`);
      leg.destroy();
    } finally {
      wheel.disarm(deadline);
    }
  }

  #handshake(leg: Leg): void {
    const socket = leg.release();
    this.#knocking.set(socket, leg);
    this.#server.emit("connection", socket);
  }

  #secured(socket: TLSSocket): void {
    const knocking = this.#knockingAt(socket);
    if (knocking === undefined) return void socket.destroy();
    const peer = this.#isAskingForCertificate ? socket.getPeerX509Certificate() : undefined;
    const problem = this.#isAskingForCertificate ? this.#problemWith(socket, peer) : undefined;
    if (problem !== undefined) {
      this.#options.turnedAway(knocking, "TLS_CLIENT_UNVERIFIED", problem);
      return void socket.destroy();
    }
    const leg = new StreamLeg(socket, knocking.local);
    const { wheel } = this.#options;
    leg.keeper = { legGone: ignoreGone, linger: (late) => wheel.arm(new WheelEntry(() => late.destroy()), LINGER_MS) };
    this.#options.welcome(leg, peer === undefined ? undefined : describe(peer));
  }

  /** SECURITY: a resumed session counts by the certificate in it, which may have expired since. */
  #problemWith(socket: TLSSocket, peer: X509Certificate | undefined): string | undefined {
    if (!socket.authorized) return `the certificate is not accepted (${String(socket.authorizationError)})`;
    if (peer === undefined) return "no certificate was shown";
    return peer.validToDate.getTime() < this.#options.clock.now() ? `the certificate expired ${peer.validTo}` : undefined;
  }

  #failed(cause: Error, socket: TLSSocket): void {
    const knocking = this.#knockingAt(socket);
    socket.destroy();
    if (knocking === undefined) return;
    const word = (cause as NodeJS.ErrnoException).code ?? cause.message;
    const reason = socket.authorizationError === undefined || socket.authorizationError === null ? word : String(socket.authorizationError);
    const isAboutCertificate = reason !== word || word === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE";
    this.#options.turnedAway(knocking, isAboutCertificate ? "TLS_CLIENT_UNVERIFIED" : "HANDSHAKE_PROTOCOL", `TLS: ${reason}`);
  }

  /** INVARIANT: the runtime keeps the socket below TLS as `_parent`; without it nobody is let in (tls-door.test.ts). */
  #knockingAt(socket: TLSSocket): Leg | undefined {
    const { _parent: below } = socket as { _parent?: Duplex };
    return below === undefined ? undefined : this.#knocking.get(below);
  }
}

/** Throws AgentError CONFIG_INVALID when certificate, key and lists do not work together. */
export function assertServerTls(tls: ServerTls): void {
  try {
    createSecureContext(contextOf(tls));
  } catch (cause) {
    throw new AgentError("CONFIG_INVALID", `certificate and key cannot be used: ${formatCause(cause)}`, { cause });
  }
}

function contextOf({ cert, key, clientCa, crl }: ServerTls): TlsOptions {
  return {
    cert,
    key,
    minVersion: "TLSv1.2",
    sessionTimeout: TICKET_LIFE_S,
    ...(clientCa === undefined ? {} : { ca: clientCa }),
    ...(crl === undefined ? {} : { crl }),
  };
}

function askingFor({ clientCa }: ServerTls): TlsOptions {
  return clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
}

/** As policy reads it. */
function describe(peer: X509Certificate): ClientCertificate {
  return {
    subject: peer.subject.replaceAll("\n", ", "),
    issuer: peer.issuer.replaceAll("\n", ", "),
    sans: namesOf(peer.subjectAltName ?? ""),
    fingerprint: peer.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

/**
 * Each name as `DNS:a.example`, `URI:spiffe://…`. SECURITY: the runtime quotes a value that could be mistaken for several (CVE-2021-44532);
 * quoted values are JSON.
 */
export function namesOf(subjectAltName: string): readonly string[] {
  const names: string[] = [];
  const part = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/gy;
  for (let match = part.exec(subjectAltName); match !== null; match = part.exec(subjectAltName)) {
    const [, type = "", value = ""] = match;
    names.push(`${type}:${value.startsWith('"') ? (JSON.parse(value) as string) : value}`);
  }
  return names;
}

/** The socket below is counted, not the leg above it. */
function ignoreGone(): void {}
