import type { X509Certificate } from "node:crypto";
import type { FailureCode, IdentityDetails } from "../contract/index.ts";
import type { IdentitySource } from "./identity-source.ts";
import type { ClientKey } from "./key-store.ts";

/** An identity as people see it. `code` says which failure `problem` is. */
export interface IdentityView extends IdentityDetails {
  readonly code?: FailureCode;
}

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
    })),
  };
}

const lineOf = (name: string): string => name.replaceAll("\n", ", ");

function describeKey({ publicKey }: X509Certificate): string {
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  const type = publicKey.asymmetricKeyType ?? "unknown";
  return [type, namedCurve ?? modulusLength].filter((word) => word !== undefined).join(" ");
}
