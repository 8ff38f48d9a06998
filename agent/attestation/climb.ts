import type { X509Certificate } from "node:crypto";
import { ProofFailed } from "./proof-failed.ts";

const longest = 8;

/**
 * From a certificate through `between` up to one of `roots`; each is valid at `now` and signed by the next. Throws ProofFailed. Node does no
 * path building for a certificate in the hand.
 */
export function climb(
  leaf: X509Certificate,
  {
    between,
    roots,
    now,
  }: { readonly between: readonly X509Certificate[]; readonly roots: readonly X509Certificate[]; readonly now: number },
): readonly X509Certificate[] {
  const chain = [leaf];
  for (let top = leaf; chain.length <= longest; ) {
    if (now < top.validFromDate.getTime() || now > top.validToDate.getTime())
      throw new ProofFailed(`not valid now: ${lineOf(top.subject)}`);
    const above = (one: X509Certificate): boolean => one.ca && top.checkIssued(one) && top.verify(one.publicKey);
    const root = roots.find((one) => one.raw.equals(top.raw) || above(one));
    if (root !== undefined) return root.raw.equals(top.raw) ? chain : [...chain, root];
    const next = between.find((one) => above(one) && !chain.includes(one));
    if (next === undefined)
      throw new ProofFailed(`nobody who is trusted vouches for ${lineOf(top.subject)}, issued by ${lineOf(top.issuer)}`);
    chain.push(next);
    top = next;
  }
  throw new ProofFailed("the chain is too long");
}

export const lineOf = (name: string): string => name.replaceAll("\n", ", ");
