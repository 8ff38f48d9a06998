import { X509Certificate } from "node:crypto";
import pkcs11js from "pkcs11js";
import type { Handle } from "./cryptoki.ts";
import type { KeyAlgorithm } from "./messages.ts";

/** Object identifiers of P-256 and P-384 (RFC 5480 section 2.1.1.1). */
const curves: { readonly [A in KeyAlgorithm]?: Buffer } = {
  "ec-p256": Buffer.from("06082a8648ce3d030107", "hex"),
  "ec-p384": Buffer.from("06052b81040022", "hex"),
};

/** A new key that never leaves the token. */
export function generateKeyPair(
  module: pkcs11js.PKCS11,
  session: Handle,
  { label, id, algorithm }: { readonly label: string; readonly id: string; readonly algorithm: KeyAlgorithm },
): void {
  const names: pkcs11js.Template = [
    { type: pkcs11js.CKA_TOKEN, value: true },
    { type: pkcs11js.CKA_ID, value: Buffer.from(id, "hex") },
    { type: pkcs11js.CKA_LABEL, value: label },
  ];
  const curve = curves[algorithm];
  const kind: pkcs11js.Template =
    curve === undefined
      ? [
          { type: pkcs11js.CKA_MODULUS_BITS, value: algorithm === "rsa-3072" ? 3072 : 2048 },
          { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: Buffer.of(1, 0, 1) },
        ]
      : [{ type: pkcs11js.CKA_EC_PARAMS, value: curve }];
  module.C_GenerateKeyPair(
    session,
    { mechanism: curve === undefined ? pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN : pkcs11js.CKM_EC_KEY_PAIR_GEN },
    [...names, { type: pkcs11js.CKA_VERIFY, value: true }, ...kind],
    [
      ...names,
      { type: pkcs11js.CKA_PRIVATE, value: true },
      { type: pkcs11js.CKA_SENSITIVE, value: true },
      { type: pkcs11js.CKA_EXTRACTABLE, value: false },
      { type: pkcs11js.CKA_SIGN, value: true },
    ],
  );
}

/** A certificate beside its key: the same CKA_ID makes them a pair. */
export function importCertificate(
  module: pkcs11js.PKCS11,
  session: Handle,
  { id, label, certificate }: { readonly id: string; readonly label: string; readonly certificate: Uint8Array },
): void {
  const parsed = new X509Certificate(certificate);
  module.C_CreateObject(session, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_CERTIFICATE },
    { type: pkcs11js.CKA_CERTIFICATE_TYPE, value: pkcs11js.CKC_X_509 },
    { type: pkcs11js.CKA_TOKEN, value: true },
    { type: pkcs11js.CKA_PRIVATE, value: false },
    { type: pkcs11js.CKA_ID, value: Buffer.from(id, "hex") },
    { type: pkcs11js.CKA_LABEL, value: label },
    { type: pkcs11js.CKA_SUBJECT, value: subjectOf(parsed.raw) },
    { type: pkcs11js.CKA_VALUE, value: parsed.raw },
  ]);
}

/**
 * The subject's own bytes, which PKCS#11 wants beside the certificate. RFC 5280 section 4.1: inside two SEQUENCEs stand version [0],
 * serial number, algorithm, issuer, validity, then the subject.
 */
export function subjectOf(certificate: Buffer): Buffer {
  let at = contentOf(certificate, contentOf(certificate, 0).from).from;
  const before = certificate[at] === 0xa0 ? 5 : 4;
  for (let skipped = 0; skipped < before; skipped += 1) at = contentOf(certificate, at).to;
  return certificate.subarray(at, contentOf(certificate, at).to);
}

function contentOf(der: Buffer, at: number): { readonly from: number; readonly to: number } {
  const first = der.readUInt8(at + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
  const from = at + 2 + lengthBytes;
  return { from, to: from + length };
}
