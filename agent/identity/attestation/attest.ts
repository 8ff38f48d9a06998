import type { KeyObject, X509Certificate } from "node:crypto";
import { AgentError } from "../../base/index.ts";
import { type Evidence, nonceUri, ProofFailed, readPivAttestation } from "../../attestation/index.ts";
import type { CertificateDesk } from "../enrolment/certificate-desk.ts";
import { type CertifiedKey, collectTpmEvidence } from "./tpm-evidence.ts";

export interface AttestedIdentity {
  readonly name: string;
  readonly kind: "file" | "pkcs11" | "tpm2";
  readonly desk: CertificateDesk;
}

/**
 * Evidence of where the key of an identity lives. The nonce goes into a request that the key signs, and that request is what hardware
 * vouches for. Rejects with AgentError (IDENTITY_*).
 */
export async function attest({ name, kind, desk }: AttestedIdentity, nonce: string, certified?: CertifiedKey): Promise<Evidence> {
  if (kind === "file") throw new AgentError("IDENTITY_KEY", `identity \`${name}\`: a key in a file proves nothing about hardware`);
  const wanted = { commonName: "attestation", names: [`uri:${nonceUri(nonce)}`] };
  const { request, publicKey } = await desk.request({ algorithm: "ec-p256", wanted, onlyExisting: true });
  if (kind === "tpm2") return collectTpmEvidence(name, request, certified);
  return { kind: "piv", identity: name, request: request.toString("base64"), ...pivChain(name, publicKey, await desk.beside()) };
}

/** Modules of security keys show the attestation of a slot as one more certificate of its key, and that of the maker beside it. */
function pivChain(
  name: string,
  key: KeyObject,
  certificates: readonly X509Certificate[],
): Pick<Extract<Evidence, { kind: "piv" }>, "attestation" | "issuers"> {
  const attestation = certificates.find((one) => one.publicKey.equals(key) && isAttestation(one));
  if (attestation === undefined)
    throw new AgentError(
      "IDENTITY_KEY",
      `identity \`${name}\`: its token shows no attestation of the key; YubiKeys do through the module libykcs11, for keys that they made themselves`,
    );
  const issuers = certificates.filter((one) => one !== attestation && attestation.checkIssued(one));
  return { attestation: attestation.raw.toString("base64"), issuers: issuers.map(({ raw }) => raw.toString("base64")) };
}

function isAttestation(certificate: X509Certificate): boolean {
  try {
    return readPivAttestation(certificate).firmware !== "";
  } catch (cause) {
    if (cause instanceof ProofFailed) return false;
    throw cause;
  }
}
