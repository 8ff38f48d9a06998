import type { X509Certificate } from "node:crypto";
import { childOf, childrenOf, DerMistake, expectTag, readDer, readOid, tags } from "../asn1/index.ts";
import { ProofFailed } from "./proof-failed.ts";

/** The extensions of a certificate by object identifier, each as the bytes inside its OCTET STRING (RFC 5280 section 4.2). Throws ProofFailed. */
export function readExtensions({ raw }: Pick<X509Certificate, "raw">): ReadonlyMap<string, Buffer> {
  try {
    const fields = childrenOf(childOf(expectTag(readDer(raw), tags.sequence), 0, tags.sequence));
    const holder = fields.find(({ tag }) => tag === 0xa3);
    if (holder === undefined) return new Map();
    return new Map(
      childrenOf(childOf(holder, 0, tags.sequence)).map((extension) => {
        const value = childrenOf(extension).at(-1);
        if (value?.tag !== tags.octetString) throw new DerMistake("an extension without a value");
        return [readOid(childOf(extension, 0)), value.content] as const;
      }),
    );
  } catch (cause) {
    if (cause instanceof DerMistake) throw new ProofFailed(`a certificate's extensions cannot be read: ${cause.message}`, { cause });
    throw cause;
  }
}
