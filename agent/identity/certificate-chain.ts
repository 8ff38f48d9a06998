import { X509Certificate } from "node:crypto";

/** A certificate that OpenSSL can read; tokens hold the strangest things. */
export function readCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** The certificate `leaf`, then its issuers as far as `others` have them; a root is left out, servers have their own. */
export function chainOf(leaf: X509Certificate, others: readonly X509Certificate[]): X509Certificate[] {
  const chain = [leaf];
  for (let top = leaf; chain.length < 10; ) {
    const issuer = others.find(
      (one) =>
        one.ca && !isSelfIssued(one) && !chain.some(({ fingerprint256 }) => fingerprint256 === one.fingerprint256) && top.checkIssued(one),
    );
    if (issuer === undefined || !top.verify(issuer.publicKey)) break;
    chain.push(issuer);
    top = issuer;
  }
  return chain;
}

const isSelfIssued = (certificate: X509Certificate): boolean => certificate.subject === certificate.issuer;
