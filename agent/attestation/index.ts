/**
 * The judge of proofs that a key lives in hardware: evidence of a TPM or of a security key, read and verified with nothing but
 * arithmetic. It collects none and opens nothing. `identity`, which collects, and `cli`, where an administrator judges, may knock.
 */
export { type Challenge, challengeSchema, type Evidence, evidenceSchema, nonceUri, type Verdict } from "./evidence.ts";
export { makeChallenge } from "./make-challenge.ts";
export { readPivAttestation } from "./piv.ts";
export { ProofFailed } from "./proof-failed.ts";
export { verifyEvidence, type VerifyOptions } from "./verify-evidence.ts";
