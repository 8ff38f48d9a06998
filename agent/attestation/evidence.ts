import { z } from "zod";

const bytes = z.base64().max(200_000);

/** What a device hands out to prove where its key lives. All binary parts are base64. */
export const evidenceSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("tpm"),
    identity: z.string().max(200),
    /** PKCS#10, signed by the identity's key; the nonce is in it. */
    request: bytes,
    /** Endorsement key: the certificate of its maker, and the key as the TPM describes it. */
    ekCertificate: bytes.optional(),
    ekPublic: bytes,
    /** Attestation key. Its private half is encrypted for this TPM alone. */
    akPublic: bytes,
    akPrivate: bytes,
    quote: z.object({ message: bytes, signature: bytes, values: bytes }),
    /** The TPM's word that the identity's key is one of its own. */
    certify: z.object({ public: bytes, message: bytes, signature: bytes }).optional(),
  }),
  z.object({
    kind: z.literal("piv"),
    identity: z.string().max(200),
    request: bytes,
    /** Of the slot, by the key's own attestation key; then that one's certificate. */
    attestation: bytes,
    issuers: z.array(bytes).max(8),
  }),
]);
export type Evidence = z.infer<typeof evidenceSchema>;
export type TpmEvidence = Extract<Evidence, { readonly kind: "tpm" }>;
export type PivEvidence = Extract<Evidence, { readonly kind: "piv" }>;

/** The question by which a TPM proves that its attestation key lives beside its endorsement key. */
export const challengeSchema = z.object({ kind: z.literal("tpm-challenge"), akPublic: bytes, akPrivate: bytes, credential: bytes });
export type Challenge = z.infer<typeof challengeSchema>;

/** The nonce as it stands in the request. */
export const nonceUri = (nonce: string): string => `urn:portail:nonce:${nonce.toLowerCase()}`;

/** What was proven, and what was not, each in a sentence. */
export interface Verdict {
  readonly ok: boolean;
  readonly kind: Evidence["kind"];
  /** SHA-256 of the identity's public key, hex. */
  readonly key: string;
  readonly proven: readonly string[];
  readonly notProven: readonly string[];
}
