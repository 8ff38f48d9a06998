import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { childOf, childrenOf, DerMistake, expectTag, readDer, readOid, tags } from "../asn1/index.ts";
import { ProofFailed } from "./proof-failed.ts";

/** What a certificate request says that matters for a proof: whose key signed it, and the URIs in it. */
export interface SignedRequest {
  readonly key: KeyObject;
  readonly uris: readonly string[];
}

const extensionRequest = "1.2.840.113549.1.9.14";
const alternativeName = "2.5.29.17";

/** Reads a PKCS#10 request and verifies that its own key signed it (RFC 2986), with SHA-256. Throws ProofFailed. */
export function readRequest(der: Uint8Array): SignedRequest {
  try {
    const outer = expectTag(readDer(der), tags.sequence);
    const info = childOf(outer, 0, tags.sequence);
    const signature = childOf(outer, 2, tags.bitString).content.subarray(1);
    const key = createPublicKey({ key: childOf(info, 2, tags.sequence).raw, format: "der", type: "spki" });
    if (!verify("sha256", info.raw, key, signature)) throw new ProofFailed("the request is not signed by its own key");
    return { key, uris: childrenOf(childOf(info, 3, 0xa0)).flatMap(urisIn) };
  } catch (cause) {
    if (cause instanceof ProofFailed) throw cause;
    throw new ProofFailed("the request cannot be read", { cause });
  }
}

function urisIn(attribute: Parameters<typeof childrenOf>[0]): string[] {
  if (readOid(childOf(attribute, 0)) !== extensionRequest) return [];
  const extensions = childrenOf(childOf(childOf(attribute, 1, tags.set), 0, tags.sequence));
  const wanted = extensions.find((extension) => readOid(childOf(extension, 0)) === alternativeName);
  const value = wanted === undefined ? undefined : childrenOf(wanted).at(-1);
  if (value === undefined) return [];
  if (value.tag !== tags.octetString) throw new DerMistake("an extension without a value");
  return childrenOf(readDer(value.content)).flatMap(({ tag, content }) => (tag === 0x86 ? [content.toString("latin1")] : []));
}
