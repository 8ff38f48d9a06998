import { randomBytes } from "node:crypto";
import type { Challenge, TpmEvidence } from "./evidence.ts";
import { makeCredential } from "./make-credential.ts";
import { readTpmPublic } from "./tpm-public.ts";

/** A question that only the TPM of both keys can answer, and the answer. Throws ProofFailed. */
export function makeChallenge({ ekPublic, akPublic, akPrivate }: TpmEvidence): { readonly challenge: Challenge; readonly answer: string } {
  const secret = randomBytes(32);
  const [endorsement, attestor] = [ekPublic, akPublic].map((key) => readTpmPublic(Buffer.from(key, "base64"))) as [
    ReturnType<typeof readTpmPublic>,
    ReturnType<typeof readTpmPublic>,
  ];
  const credential = makeCredential(endorsement, attestor.name, secret).toString("base64");
  return { challenge: { kind: "tpm-challenge", akPublic, akPrivate, credential }, answer: secret.toString("hex") };
}
