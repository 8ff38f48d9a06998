import type { X509Certificate } from "node:crypto";
import type { TlsIdentity } from "../tls/tls-identity.ts";

/** What an authority gave. */
export interface Issued {
  /** Ours and those of its issuers, in any order. */
  readonly certificates: readonly X509Certificate[];
  /** Whom the authority itself names as the end of the chain. */
  readonly anchors: readonly X509Certificate[];
}

/** What is wanted of an authority, beside the request itself. */
export interface Application {
  /** PKCS#10, DER. */
  readonly request: Buffer;
  readonly signal: AbortSignal;
}

/** One kind of endpoint. Both reject with AgentError (ENROL_*, TLS_*, IDENTITY_*), and change nothing on this side. */
export interface Authority {
  /** For a person: `EST at ca.corp.example`. */
  readonly title: string;
  /** What the request must say, when the authority knows it better than the configuration. */
  wishes?(how: "enroll" | "renew"): Promise<Wishes>;
  /** A first certificate. */
  enroll(application: Application): Promise<Issued>;
  /** The next one, asked for with the one that is about to expire. */
  renew(application: Application, current: TlsIdentity): Promise<Issued>;
}

export interface Wishes {
  readonly commonName?: string;
  readonly names?: readonly string[];
}
