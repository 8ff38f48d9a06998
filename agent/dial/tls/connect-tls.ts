import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { AgentError, type Clock } from "../../base/index.ts";
import type { Secure, Secured } from "../reach-server.ts";
import { checkPeer, type ExpectedPeer } from "./check-peer.ts";
import { diagnoseTls, type HandshakeStory } from "./diagnose-tls.ts";
import { type Ticket, ticketKey, type Tickets } from "./tickets.ts";

/** Our certificate with its key, PEM. */
export interface Shown {
  readonly cert: string;
  readonly key: string;
}

/** One server, how it is recognised, and what it is shown. */
export interface TlsServer extends ExpectedPeer {
  readonly host: string;
  readonly port: number;
  /** Authorities, PEM; absent: those of the runtime. */
  readonly ca?: readonly string[];
  /** Revocation lists, PEM; with any, every certificate of the chain needs one that is current. */
  readonly crl?: string;
  readonly shown?: Shown;
  readonly alpn?: readonly string[];
  /** DANGER: whoever is on the way can be the server. */
  readonly dangerouslySkipVerification?: boolean;
}

export interface TlsRooms {
  readonly clock: Pick<Clock, "now">;
  readonly tickets: Tickets;
}

/** TLS towards one server with a key in memory. Rejects with AgentError: CONFIG_INVALID now when certificate and key do not work together. */
export function createTlsConnector(server: TlsServer, rooms: TlsRooms): Secure {
  const connector = new Connector(server, rooms);
  return (below) => connector.secure(below);
}

class Connector {
  readonly #server: TlsServer;
  readonly #rooms: TlsRooms;
  readonly #context: SecureContext;
  /** Made when a server is known to want it. */
  #plainFirst: SecureContext | undefined;
  /** The server chose X25519 the last time, although it was offered the hybrid with ML-KEM. */
  #takesPlain = false;
  readonly #key: string;
  readonly #shown: X509Certificate | undefined;
  readonly #oldestTrust: number | undefined;

  constructor(server: TlsServer, rooms: TlsRooms) {
    const { host, port, serverName, ca, crl, shown, pins, uris, alpn } = server;
    this.#server = server;
    this.#rooms = rooms;
    this.#context = createContext(server);
    this.#key = ticketKey([
      rooms.tickets.era,
      host,
      port,
      serverName,
      ca,
      crl,
      shown?.cert,
      shown?.key,
      pins,
      uris,
      alpn,
      server.dangerouslySkipVerification,
    ]);
    this.#shown = shown === undefined ? undefined : new X509Certificate(shown.cert);
    this.#oldestTrust = this.#shown?.validFromDate.getTime() ?? oldestOwn(ca);
  }

  secure(below: Duplex): Promise<Secured> {
    const { tickets } = this.#rooms;
    const ticket = tickets.newest(this.#key);
    return new Promise((resolve, reject) => {
      const tls = connect(this.#options(below, ticket));
      const fail = (cause: Error): void => {
        const { code, detail } = diagnoseTls(cause, this.#story(tls, below));
        tls.off("close", closed);
        tls.destroy();
        reject(new AgentError(code, detail, { cause }));
      };
      let verified: X509Certificate | undefined;
      const early: Buffer[] = [];
      // TLS 1.2 gives its session before the handshake is over, TLS 1.3 after it: none counts before the server is verified.
      tls.on("session", (session: Buffer) => {
        if (verified === undefined) early.push(session);
        else tickets.keep(this.#key, { session, peer: verified });
      });
      const closed = (): void => fail(brokenOff());
      tls.once("error", fail);
      tls.once("close", closed);
      tls.once("secureConnect", () => {
        tls.off("error", fail);
        const peer = this.#verified(tls, ticket);
        if (peer instanceof Error) {
          tls.on("error", ignoreRefused);
          return fail(peer);
        }
        tls.off("close", closed);
        this.#takesPlain = (tls.getEphemeralKeyInfo() as { readonly name?: string } | null)?.name === plainGroup;
        verified = peer;
        if (peer !== undefined) for (const session of early) tickets.keep(this.#key, { session, peer });
        resolve({ stream: tls, peer, alpn: tls.alpnProtocol || undefined });
      });
    });
  }

  #options(socket: Duplex, ticket: Ticket | undefined): ConnectionOptions {
    const { serverName, alpn } = this.#server;
    return {
      socket,
      secureContext: this.#takesPlain ? (this.#plainFirst ??= createContext(this.#server, plainFirst)) : this.#context,
      host: serverName,
      // RFC 6066 section 3: an address is no server name.
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      // SECURITY: refused below, before the first byte, and not by the runtime: it closes first and then nobody can say whose certificate it was.
      rejectUnauthorized: false,
      // The name is checked below, with pins and URIs; the chain was verified when this runs.
      checkServerIdentity: () => undefined,
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
      ...(ticket === undefined ? {} : { session: ticket.session }),
    };
  }

  /**
   * The certificate of the server that we are really connected to, or why not. SECURITY: looked at before the first byte is sent. A resumed
   * session shows no certificate and verifies nothing: it counts by the certificate that was verified when it began, and the check
   * is made again on that. A refused ticket became a full handshake, verified like any other.
   */
  #verified(tls: TLSSocket, ticket: Ticket | undefined): X509Certificate | Error | undefined {
    const isResumed = tls.isSessionReused();
    if (!isResumed && ticket !== undefined) this.#rooms.tickets.drop(this.#key, ticket);
    const peer = isResumed ? ticket?.peer : tls.getPeerX509Certificate();
    if (this.#server.dangerouslySkipVerification === true) return peer;
    if (!tls.authorized) return unverified(tls.authorizationError);
    return peer === undefined ? new Error("the server showed no certificate") : (checkPeer(peer, this.#server) ?? peer);
  }

  #story(tls: TLSSocket, below: Duplex & { readonly bytesRead?: number }): HandshakeStory {
    return {
      peer: tls.getPeerX509Certificate(),
      heardBytes: below.bytesRead,
      serverName: this.#server.serverName,
      shown: this.#shown,
      now: this.#rooms.clock.now(),
      notBefore: this.#oldestTrust,
    };
  }
}

/** Of an authority of one's own it is known that the clock has passed its beginning; of whole collections each begins at another time. */
function oldestOwn(ca: readonly string[] | undefined): number | undefined {
  const [only, ...more] = ca ?? [];
  return only === undefined || more.length > 0 ? undefined : new X509Certificate(only).validFromDate.getTime();
}

const plainGroup = "X25519";
/**
 * The runtime's own groups in another order. Everything is still offered: a server that prefers the hybrid asks for it (RFC 8446 section
 * 4.1.4) and gets it. But no key is made for it in vain, which is a tenth of what a resumed connection costs.
 */
const plainFirst = { ecdhCurve: `${plainGroup}:X25519MLKEM768:P-256:X448:P-384:P-521:ffdhe2048:ffdhe3072` };

function createContext({ ca, crl, shown }: TlsServer, groups: { readonly ecdhCurve?: string } = {}): SecureContext {
  try {
    return createSecureContext({
      minVersion: "TLSv1.2",
      ...groups,
      ...(ca === undefined ? {} : { ca: [...ca] }),
      ...(crl === undefined ? {} : { crl }),
      ...(shown === undefined ? {} : shown),
    });
  } catch (cause) {
    throw new AgentError(
      "CONFIG_INVALID",
      `certificates and key cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** The runtime gives the word of the failed check, not an error. */
function unverified(word: unknown): Error {
  const code = word instanceof Error ? ((word as NodeJS.ErrnoException).code ?? word.message) : String(word);
  return Object.assign(new Error(code), { code });
}

function brokenOff(): Error {
  return Object.assign(new Error("closed during the handshake"), { code: "ECONNRESET" });
}

/** We close it ourselves and have said why. */
function ignoreRefused(): void {}
