/** How a program asked. The same words that policy reads as `request.protocol`. */
export type Protocol = "socks5" | "http" | "h2" | "h3" | "persona" | "transparent" | "gateway";

/** The two ends of the accepted connection, as the kernel names them. */
export type Origin =
  | { readonly kind: "tcp"; readonly address: string; readonly port: number; readonly localAddress: string; readonly localPort: number }
  | { readonly kind: "unix"; readonly path: string };

/** The process behind a connection, as far as it was looked for. A missing field was not found out. */
export interface Peer {
  readonly uid: number;
  readonly user?: string;
  readonly pid?: number;
  /** Absolute path of the executable, from the kernel, not from the program's own words. */
  readonly exe?: string;
  /** systemd unit or application id. */
  readonly unit?: string;
}

/** The certificate that a client proved to hold, on listeners that ask for one. */
export interface ClientCertificate {
  /** As people write them: `O=Corp, CN=laptop`. */
  readonly subject: string;
  readonly issuer: string;
  /** `DNS:…`, `URI:…`, `email:…`, `IP Address:…`. */
  readonly sans: readonly string[];
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
}

/** What a program wants, after its listener understood it. Listeners produce it; nothing in it is decided. */
export interface Request {
  /** Sorts by time, unique on this device: the name of the connection in log, audit and screen. */
  readonly id: string;
  readonly listener: string;
  readonly protocol: Protocol;
  readonly transport: "tcp" | "udp";
  /** Canonical: the value that is matched, dialled, sent as SNI and logged (see `canonicalHost`). */
  readonly host: string;
  readonly port: number;
  /** True when the program speaks TLS to the destination as far as can be known from its request. */
  readonly tls: boolean;
  readonly sni?: string;
  readonly method?: string;
  /** Path without the query. */
  readonly path?: string;
  /** Lower-case names; only those that policy may read. */
  readonly headers?: ReadonlyMap<string, string>;
  readonly origin: Origin;
  /** The uid is known before a request exists when the listener has a `users` setting. */
  readonly peer?: Peer;
  readonly clientCertificate?: ClientCertificate;
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number;
}
