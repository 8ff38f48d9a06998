import type { X509Certificate } from "node:crypto";
import { pinOf } from "./check-peer.ts";

/** A certificate as a script sees it: texts only. */
export interface PeerDescription {
  readonly subject: string;
  readonly issuer: string;
  /** As the runtime prints it: `DNS:gw.test, URI:spiffe://corp/gw`; empty when there is none. */
  readonly subjectAltName: string;
  readonly serialNumber: string;
  /** ISO 8601. */
  readonly validFrom: string;
  readonly validTo: string;
  /** SHA-256 of the certificate, hex with colons. */
  readonly fingerprint256: string;
  /** SHA-256 of its public key, base64: what `pins` holds after `sha256/`. */
  readonly pin: string;
  readonly isAuthority: boolean;
  readonly pem: string;
}

/** No chain that is used is longer. */
const MOST = 10;

/** The server's certificate first, each with its issuer after it as far as it is known. */
export function describePeer(peer: X509Certificate): readonly PeerDescription[] {
  const chain: PeerDescription[] = [];
  for (let at: X509Certificate | undefined = peer; at !== undefined && chain.length < MOST; at = issuerOf(at)) chain.push(describe(at));
  return chain;
}

function issuerOf(certificate: X509Certificate): X509Certificate | undefined {
  const issuer = certificate.issuerCertificate;
  return issuer === undefined || issuer.fingerprint256 === certificate.fingerprint256 ? undefined : issuer;
}

function describe(certificate: X509Certificate): PeerDescription {
  const { subject, issuer, subjectAltName, serialNumber, validFromDate, validToDate, fingerprint256, ca } = certificate;
  return {
    subject: subject.replaceAll("\n", ", "),
    issuer: issuer.replaceAll("\n", ", "),
    subjectAltName: subjectAltName ?? "",
    serialNumber,
    validFrom: validFromDate.toISOString(),
    validTo: validToDate.toISOString(),
    fingerprint256,
    pin: pinOf(certificate),
    isAuthority: ca,
    pem: certificate.toString(),
  };
}
