import { X509Certificate } from "node:crypto";
import { childOf, childrenOf, DerMistake, expectTag, readDer, readOid, tags } from "../../asn1/index.ts";

const signedData = "1.2.840.113549.1.7.2";

/**
 * The certificates of a certs-only message (RFC 5652 section 5.1, RFC 7030 section 4.1.3). Throws DerMistake. Who signed what is judged by
 * whoever uses them: the message itself carries no signature.
 */
export function readCertsOnly(der: Uint8Array): X509Certificate[] {
  const outer = expectTag(readDer(der), tags.sequence);
  if (readOid(childOf(outer, 0)) !== signedData) throw new DerMistake("no message with certificates");
  const signed = childOf(childOf(outer, 1, 0xa0), 0, tags.sequence);
  const set = childrenOf(signed).find(({ tag }) => tag === 0xa0);
  if (set === undefined) throw new DerMistake("a message without certificates");
  // Other choices than X.509 certificates are attribute certificates and the like.
  return childrenOf(set).flatMap(({ tag, raw }) => (tag === tags.sequence ? [parse(raw)] : []));
}

function parse(raw: Buffer): X509Certificate {
  try {
    return new X509Certificate(raw);
  } catch {
    throw new DerMistake("a certificate that cannot be read");
  }
}
