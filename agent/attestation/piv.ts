import type { X509Certificate } from "node:crypto";
import { DerMistake, readDer, tags } from "../asn1/index.ts";
import { ProofFailed } from "./proof-failed.ts";
import { readExtensions } from "./read-extensions.ts";

/** What a YubiKey writes into the certificate by which it vouches for a key in one of its slots. */
export interface PivAttestation {
  readonly firmware: string;
  readonly serial: string | undefined;
  readonly pinPolicy: string;
  readonly touchPolicy: string;
}

/** Yubico's arc for PIV attestation: 3 firmware, 7 serial number, 8 policies of PIN and touch. */
const arc = "1.3.6.1.4.1.41482.3.";
const pinPolicies = ["unknown", "never", "once", "always", "match once", "match always"];
const touchPolicies = ["unknown", "never", "always", "cached"];

/** Throws ProofFailed. */
export function readPivAttestation(certificate: Pick<X509Certificate, "raw">): PivAttestation {
  const extensions = readExtensions(certificate);
  const [firmware, serial, policies] = [extensions.get(`${arc}3`), extensions.get(`${arc}7`), extensions.get(`${arc}8`)];
  if (firmware?.length !== 3 || policies?.length !== 2) throw new ProofFailed("this is no attestation of a YubiKey");
  return {
    firmware: [...firmware].join("."),
    serial: serial === undefined ? undefined : readSerial(serial),
    pinPolicy: pinPolicies[policies[0] ?? 0] ?? "unknown",
    touchPolicy: touchPolicies[policies[1] ?? 0] ?? "unknown",
  };
}

function readSerial(der: Buffer): string {
  try {
    const { tag, content } = readDer(der);
    if (tag !== tags.integer || content.length === 0 || content.length > 20) throw new DerMistake("no serial number");
    return BigInt(`0x${content.toString("hex")}`).toString();
  } catch (cause) {
    throw new ProofFailed("the serial number of a security key cannot be read", { cause });
  }
}
