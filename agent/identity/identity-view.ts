import type { X509Certificate } from "node:crypto";
import type { IdentityDetails } from "../contract/index.ts";
import type { IdentitySource } from "./identity-source.ts";
import type { ClientKey } from "./key-store.ts";

/** An identity as people see it. */
export type IdentityView = IdentityDetails;

export function viewOf({ name, kind }: IdentitySource, { chain }: ClientKey): IdentityView {
  const [leaf] = chain;
  return {
    name,
    kind,
    state: "ready",
    subject: lineOf(leaf.subject),
    issuer: lineOf(leaf.issuer),
    expiresAt: leaf.validToDate.getTime(),
    key: describeKey(leaf),
    chain: chain.map((certificate) => ({
      subject: lineOf(certificate.subject),
      issuer: lineOf(certificate.issuer),
      serial: certificate.serialNumber,
      notBefore: certificate.validFromDate.getTime(),
      notAfter: certificate.validToDate.getTime(),
      fingerprint: certificate.fingerprint256,
      ...(certificate.subjectAltName === undefined ? {} : { names: certificate.subjectAltName }),
      ...usesOf(certificate),
    })),
  };
}

/** RFC 5280, section 4.2.1.12, and the purposes that smart cards are issued for. */
const useWords: Readonly<Record<string, string>> = {
  "1.3.6.1.5.5.7.3.1": "server authentication",
  "1.3.6.1.5.5.7.3.2": "client authentication",
  "1.3.6.1.5.5.7.3.3": "code signing",
  "1.3.6.1.5.5.7.3.4": "e-mail protection",
  "1.3.6.1.4.1.311.20.2.2": "smart card logon",
  "2.5.29.37.0": "any use",
};

/** Extended key usage in words; nothing for a certificate that is not limited. */
export function usesOf({ keyUsage }: X509Certificate): { readonly uses?: string[] } {
  return keyUsage === undefined ? {} : { uses: keyUsage.map((oid) => useWords[oid] ?? oid) };
}

const lineOf = (name: string): string => name.replaceAll("\n", ", ");

function describeKey({ publicKey }: X509Certificate): string {
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  const type = publicKey.asymmetricKeyType ?? "unknown";
  return [type, namedCurve ?? modulusLength].filter((word) => word !== undefined).join(" ");
}
