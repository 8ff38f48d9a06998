import type { KeyObject, X509Certificate } from "node:crypto";
import { AgentError, formatInstant } from "../../base/index.ts";
import { chainOf } from "../certificate-chain.ts";
import type { Issued } from "./authority.ts";

/** Clocks differ; a certificate that begins a moment from now is not from the future. */
const skewMs = 5 * 60_000;
const clientAuth = "1.3.6.1.5.5.7.3.2";
const anyUse = "2.5.29.37.0";

/**
 * The chain that may take the place of the old one, ours first. Throws AgentError (ENROL_ANSWER).
 *
 * INVARIANT: nothing that was issued comes into use before it went through here: it belongs to our key, it is valid now, its issuers are
 * those that the authority names, and servers will take it from a client.
 */
export function acceptIssued(
  { certificates, anchors }: Issued,
  { publicKey, now }: { readonly publicKey: KeyObject; readonly now: number },
): readonly [X509Certificate, ...X509Certificate[]] {
  const leaf = certificates.find((one) => one.publicKey.equals(publicKey) && !one.ca);
  if (leaf === undefined) throw unusable("it holds no certificate of our key");
  const [from, until] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
  if (from > now + skewMs) throw unusable(`it is valid from ${formatInstant(from)} only; is this machine's clock right?`);
  if (until <= now) throw unusable(`it expired ${formatInstant(until)}; is this machine's clock right?`);
  const uses = leaf.keyUsage as readonly string[] | undefined;
  if (uses !== undefined && !uses.includes(clientAuth) && !uses.includes(anyUse)) throw unusable("clients may not use it");
  const [own = leaf, ...issuers] = chainOf(leaf, certificates);
  const top = issuers.at(-1) ?? own;
  const isAnchored = anchors.some((anchor) => anchor.raw.equals(top.raw) || (top.checkIssued(anchor) && top.verify(anchor.publicKey)));
  if (!isAnchored) throw unusable(`its issuer is none of the authority's own: ${top.issuer.replaceAll("\n", ", ")}`);
  return [own, ...issuers];
}

const unusable = (why: string): AgentError => new AgentError("ENROL_ANSWER", `the certificate that came is not used: ${why}`);
