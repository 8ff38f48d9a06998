import { createHash, timingSafeEqual, X509Certificate } from "node:crypto";
import { climb, lineOf } from "./climb.ts";
import { type Evidence, nonceUri, type PivEvidence, type TpmEvidence, type Verdict } from "./evidence.ts";
import { readPivAttestation } from "./piv.ts";
import { ProofFailed } from "./proof-failed.ts";
import { readRequest, type SignedRequest } from "./read-request.ts";
import { isSignedByTpm, readTpmAttest } from "./tpm-attest.ts";
import { attribute, hasAttributes, readTpmPublic, type TpmPublic } from "./tpm-public.ts";

export interface VerifyOptions {
  /** Hex, as it was given to the device; absent: age is not judged. */
  readonly nonce?: string;
  /** Makers of TPMs or keys that are trusted. */
  readonly roots: readonly X509Certificate[];
  readonly now: number;
  /** What the PCRs must be, hex by number; what is absent may be anything. */
  readonly pcrs?: ReadonlyMap<number, string>;
}

/** Throws ProofFailed at the first part that does not hold. What nobody tried to prove is told, not refused. */
export function verifyEvidence(evidence: Evidence, options: VerifyOptions): Verdict {
  const request = readRequest(decode(evidence.request));
  const proven = ["The key signed the request."];
  const notProven: string[] = [];
  if (options.nonce === undefined) notProven.push("That this is new: no nonce was given.");
  else if (request.uris.includes(nonceUri(options.nonce))) proven.push("The request was made for this nonce.");
  else throw new ProofFailed("the request was made for another nonce");
  const parts = { request, options, proven, notProven };
  if (evidence.kind === "piv") verifyPiv(evidence, parts);
  else verifyTpm(evidence, parts);
  const key = createHash("sha256")
    .update(request.key.export({ type: "spki", format: "der" }))
    .digest("hex");
  return { ok: true, kind: evidence.kind, key, proven, notProven };
}

interface Parts {
  readonly request: SignedRequest;
  readonly options: VerifyOptions;
  readonly proven: string[];
  readonly notProven: string[];
}

function verifyPiv({ attestation, issuers }: PivEvidence, { request, options, proven }: Parts): void {
  const leaf = certificate(attestation);
  const chain = climb(leaf, { between: issuers.map(certificate), roots: options.roots, now: options.now });
  if (!leaf.publicKey.equals(request.key)) throw new ProofFailed("the attestation is for another key");
  const { firmware, serial, pinPolicy, touchPolicy } = readPivAttestation(leaf);
  proven.push(
    `The key was made in a security key (serial ${serial ?? "unknown"}, firmware ${firmware}) that ${lineOf(chain.at(-1)?.subject ?? "")} vouches for.`,
    `Its PIN is asked for: ${pinPolicy}. It is to be touched: ${touchPolicy}.`,
  );
}

const bound = [attribute.fixedTpm, attribute.fixedParent, attribute.sensitiveDataOrigin];

function verifyTpm(evidence: TpmEvidence, parts: Parts): void {
  const [endorsement, attestor] = [readTpmPublic(decode(evidence.ekPublic)), readTpmPublic(decode(evidence.akPublic))];
  verifyEndorsement(evidence, endorsement, parts);
  // SECURITY: a restricted key signs nothing that was not said by its TPM, so that what it signed can be believed.
  if (!hasAttributes(attestor, [...bound, attribute.restricted, attribute.sign]) || hasAttributes(attestor, [attribute.decrypt]))
    throw new ProofFailed("the attestation key is not a restricted signing key that stays in its TPM");
  verifyQuote(evidence, attestor, parts);
  parts.notProven.push("That attestation key and endorsement key are in one TPM, until the challenge is answered.");
  if (evidence.certify === undefined) parts.notProven.push("That the key is inside this TPM: the TPM was not asked to certify it.");
  else verifyCertify(evidence.certify, attestor, parts);
}

function verifyEndorsement({ ekCertificate }: TpmEvidence, { key }: TpmPublic, { options, proven, notProven }: Parts): void {
  if (ekCertificate === undefined) {
    notProven.push("Who made the TPM: it holds no certificate of its endorsement key.");
    return;
  }
  const leaf = certificate(ekCertificate);
  if (!leaf.publicKey.equals(key)) throw new ProofFailed("the endorsement certificate is for another key");
  const chain = climb(leaf, { between: [], roots: options.roots, now: options.now });
  proven.push(`The endorsement key is of a TPM that ${lineOf(chain.at(-1)?.subject ?? "")} vouches for.`);
}

const pcrBytes = 32;

function verifyQuote({ quote, request }: TpmEvidence, attestor: TpmPublic, { options, proven }: Parts): void {
  const [message, values] = [decode(quote.message), decode(quote.values)];
  if (!isSignedByTpm(attestor.key, message, decode(quote.signature)))
    throw new ProofFailed("the quote is not signed by the attestation key");
  const { extraData, said, resetCount } = readTpmAttest(message);
  if (said.kind !== "quote") throw new ProofFailed("a statement of the TPM that is no quote");
  const wanted = createHash("sha256").update(decode(request)).digest();
  if (extraData.length !== wanted.length || !timingSafeEqual(extraData, wanted))
    throw new ProofFailed("the quote was made for another request");
  const isWhole = values.length === said.pcrs.length * pcrBytes;
  if (!isWhole || !createHash("sha256").update(values).digest().equals(said.digest))
    throw new ProofFailed("the values of the PCRs are not those that were quoted");
  for (const [index, value] of options.pcrs ?? []) {
    const at = said.pcrs.indexOf(index);
    const is = at < 0 ? undefined : values.subarray(at * pcrBytes, (at + 1) * pcrBytes).toString("hex");
    if (is !== value.toLowerCase()) throw new ProofFailed(`PCR ${index} is ${is ?? "not in the quote"}`);
  }
  proven.push(`The TPM quoted its PCRs ${said.pcrs.join(", ")} together with this request (started ${resetCount} times).`);
}

function verifyCertify(certify: NonNullable<TpmEvidence["certify"]>, attestor: TpmPublic, { request, proven }: Parts): void {
  const subject = readTpmPublic(decode(certify.public));
  const message = decode(certify.message);
  if (!isSignedByTpm(attestor.key, message, decode(certify.signature)))
    throw new ProofFailed("the key is not certified by the attestation key");
  const { said } = readTpmAttest(message);
  if (said.kind !== "certify" || !said.name.equals(subject.name)) throw new ProofFailed("the TPM certified another key");
  if (!subject.key.equals(request.key)) throw new ProofFailed("the certified key is not the one that signed the request");
  if (!hasAttributes(subject, bound)) throw new ProofFailed("the key may leave its TPM");
  proven.push("The key was made in the TPM of the attestation key, and cannot leave it.");
}

const decode = (base64: string): Buffer => Buffer.from(base64, "base64");

function certificate(base64: string): X509Certificate {
  try {
    return new X509Certificate(decode(base64));
  } catch (cause) {
    throw new ProofFailed("a certificate in the evidence cannot be read", { cause });
  }
}
