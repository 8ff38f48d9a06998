import type { X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";

/** Whom we want to meet, and how we recognise them. */
export interface TlsTarget {
  /** Sent as SNI (unless it is an address) and looked for in the server's certificate. */
  readonly serverName: string;
  /** Trusted roots, PEM; absent: the roots of the runtime. */
  readonly ca?: readonly string[];
  /** Revocation lists, PEM. */
  readonly crl?: readonly string[];
  readonly alpn?: readonly string[];
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
  /**
   * Replaces the check of the name, never the check of the chain: pins, URI SANs, several accepted names. It must look at the name
   * itself when the name matters. An error ends the connection before the first byte.
   */
  readonly checkPeer?: (peer: X509Certificate, serverName: string) => Error | undefined;
  /**
   * Which connections may share a TLS session beside `serverName`, `ca` and the identity: host, port, pins, CRLs, policy version. A resumed
   * session is not verified again, so everything that trust depends on must be in here.
   */
  readonly sessionKey: string;
  /** The whole of it: name, touch and PIN included. */
  readonly timeoutMs?: number;
  /**
   * Opens one more connection to the same place. Needed when a server refuses a ticket, and used to bring a connection that a token has
   * opened to the main thread. Without it a refused ticket is a failure (DIAL_RESET: nothing was sent, so it is safe to try again) and
   * a connection whose handshake needed the token is carried by its worker.
   */
  readonly reopen?: () => Promise<Duplex>;
  /** Told while the handshake waits for a person, such as for the touch of a key, so that this time is not counted as the server's. */
  readonly person?: { begin(): void; end(): void };
}

/** A verified, mutually authenticated connection; not one byte of payload was sent or read. */
export interface TlsConnection {
  /** Plaintext. Half-open is allowed; `end()` sends close_notify. */
  readonly stream: Duplex;
  readonly protocol: string;
  readonly alpn: string | undefined;
  /** No certificate was shown again: a ticket was used. */
  readonly resumed: boolean;
  /** The server's certificate as it was verified, by this connection or by the one whose session it resumes. */
  readonly peer: X509Certificate;
  /** `main`: a TLSSocket of this thread. `worker`: its bytes pass through the thread that waits for tokens. */
  readonly carriedBy: "main" | "worker";
}

/** The handshake failed. `code` is OpenSSL's or Node's own word, for a diagnosis. */
export class TlsFailed extends Error {
  override readonly name = "TlsFailed";
  readonly code: string;
  /** What the server showed, when it came that far. */
  readonly peer: X509Certificate | undefined;

  constructor(code: string, message: string, peer?: X509Certificate) {
    super(message);
    this.code = code;
    this.peer = peer;
  }
}

/** A certificate with its key, wherever the key lives, as far as opening TLS goes. */
export interface TlsIdentity {
  readonly name: string;
  /**
   * Does what a person must do before a server is worth connecting to: asks for the PIN, when a handshake with this target will need it.
   * Rejects with AgentError (IDENTITY_*).
   */
  ready(target: TlsTarget): Promise<void>;
  /**
   * TLS as a client on `socket`, which is owned from here on: closed when this rejects. Rejects with AgentError (IDENTITY_*) when the key
   * cannot be used, and with {@link TlsFailed} when the two ends do not agree: whoever dials knows the words for that.
   */
  connectTls(socket: Duplex, target: TlsTarget): Promise<TlsConnection>;
}
