import type { X509Certificate } from "node:crypto";
import type { FailureCode } from "../../connection/index.ts";
import { inspectorNamed } from "./inspectors.ts";

/** What is known about a handshake that failed, beside the error itself. All of it may be missing. */
export interface HandshakeStory {
  /** The certificate that the server showed. */
  readonly peer?: X509Certificate | undefined;
  /** How much the server had said when it failed. A bare alert is 7 bytes; more than a few hundred hold its certificate. */
  readonly heardBytes?: number | undefined;
  /** The name that it should have carried. */
  readonly serverName?: string | undefined;
  /** Our own certificate, when one was at hand. */
  readonly shown?: X509Certificate | undefined;
  /** The clock that certificates were judged by. */
  readonly now?: number | undefined;
  /** Some instant that lies certainly in the past, such as the day on which our own authority was made. */
  readonly notBefore?: number | undefined;
}

/** Which of the named causes it was, and what a person can see of it. */
export interface TlsDiagnosis {
  readonly code: FailureCode;
  /** Names, dates and issuers, and the library's own word at the end. No secret is in it. */
  readonly detail: string;
}

/** Thrown by our own checks of the server's certificate, which OpenSSL does not make. */
export class PeerRejected extends Error {
  override readonly name = "PeerRejected";
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** From the error of a failed handshake to a cause that has a name, a sentence and a remedy in the table of failures. */
export function diagnoseTls(error: Error, story: HandshakeStory = {}): TlsDiagnosis {
  const word = (error as NodeJS.ErrnoException).code ?? "";
  if (error instanceof PeerRejected) return { code: error.code, detail: joined(error.message, describePeer(story)) };
  const code = refine(causeOf(word, error.message), story);
  return { code, detail: joined(detailOf(code, story), word === "" ? error.message : word) };
}

/** By the word that the runtime gives; OpenSSL's own words are in Node's table of X509 codes and in `ERR_SSL_…`. */
const BY_WORD: Readonly<Record<string, FailureCode>> = {
  CERT_HAS_EXPIRED: "TLS_CERT_EXPIRED",
  CERT_NOT_YET_VALID: "TLS_CERT_NOT_YET_VALID",
  ERR_TLS_CERT_ALTNAME_INVALID: "TLS_NAME_MISMATCH",
  ERR_TLS_CERT_ALTNAME_FORMAT: "TLS_NAME_MISMATCH",
  HOSTNAME_MISMATCH: "TLS_NAME_MISMATCH",
  UNABLE_TO_GET_ISSUER_CERT: "TLS_UNKNOWN_ISSUER",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "TLS_UNKNOWN_ISSUER",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "TLS_UNKNOWN_ISSUER",
  SELF_SIGNED_CERT_IN_CHAIN: "TLS_UNKNOWN_ISSUER",
  CERT_UNTRUSTED: "TLS_UNKNOWN_ISSUER",
  DEPTH_ZERO_SELF_SIGNED_CERT: "TLS_SELF_SIGNED",
  CERT_REVOKED: "TLS_CERT_REVOKED",
  UNABLE_TO_GET_CRL: "TLS_CRL_UNUSABLE",
  UNABLE_TO_GET_CRL_ISSUER: "TLS_CRL_UNUSABLE",
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: "TLS_CRL_UNUSABLE",
  CRL_SIGNATURE_FAILURE: "TLS_CRL_UNUSABLE",
  CRL_NOT_YET_VALID: "TLS_CRL_UNUSABLE",
  CRL_HAS_EXPIRED: "TLS_CRL_UNUSABLE",
  INVALID_PURPOSE: "TLS_CERT_PURPOSE",
  CERT_REJECTED: "TLS_CERT_PURPOSE",
  INVALID_CA: "TLS_CHAIN_INVALID",
  PATH_LENGTH_EXCEEDED: "TLS_CHAIN_INVALID",
  CERT_CHAIN_TOO_LONG: "TLS_CHAIN_INVALID",
  CERT_SIGNATURE_FAILURE: "TLS_CHAIN_INVALID",
  EE_KEY_TOO_SMALL: "TLS_CERT_WEAK",
  CA_KEY_TOO_SMALL: "TLS_CERT_WEAK",
  CA_MD_TOO_WEAK: "TLS_CERT_WEAK",
  ERR_SSL_EE_KEY_TOO_SMALL: "TLS_CERT_WEAK",
  ECONNRESET: "TLS_BROKEN_OFF",
  EPIPE: "TLS_BROKEN_OFF",
  ETIMEDOUT: "TLS_TIMEOUT",
};

/** By a part of an `ERR_SSL_…` word; alerts of the far end are named after RFC 8446 section 6. The first that fits counts. */
const BY_PART: readonly (readonly [string, FailureCode])[] = [
  ["ALERT_CERTIFICATE_REQUIRED", "TLS_CLIENT_CERT_REQUIRED"],
  ["ALERT_CERTIFICATE_EXPIRED", "TLS_CLIENT_CERT_EXPIRED"],
  ["ALERT_CERTIFICATE_REVOKED", "TLS_CLIENT_CERT_REVOKED"],
  ["ALERT_BAD_CERTIFICATE", "TLS_CLIENT_CERT_REFUSED"],
  ["ALERT_UNSUPPORTED_CERTIFICATE", "TLS_CLIENT_CERT_REFUSED"],
  ["ALERT_CERTIFICATE_UNKNOWN", "TLS_CLIENT_CERT_REFUSED"],
  ["ALERT_UNKNOWN_CA", "TLS_CLIENT_CERT_REFUSED"],
  ["ALERT_ACCESS_DENIED", "TLS_CLIENT_CERT_REFUSED"],
  ["ALERT_PROTOCOL_VERSION", "TLS_VERSION"],
  ["UNSUPPORTED_PROTOCOL", "TLS_VERSION"],
  ["NO_PROTOCOLS_AVAILABLE", "TLS_VERSION"],
  ["WRONG_SSL_VERSION", "TLS_VERSION"],
  ["UNRECOGNIZED_NAME", "TLS_SERVER_NAME_UNKNOWN"],
  ["NO_APPLICATION_PROTOCOL", "TLS_ALPN"],
  ["WRONG_VERSION_NUMBER", "TLS_NOT_TLS"],
  ["PACKET_LENGTH_TOO_LONG", "TLS_NOT_TLS"],
  ["RECORD_LAYER_FAILURE", "TLS_NOT_TLS"],
  ["HTTP_REQUEST", "TLS_NOT_TLS"],
  ["ALERT_HANDSHAKE_FAILURE", "TLS_CIPHERS"],
  ["ALERT_INSUFFICIENT_SECURITY", "TLS_CIPHERS"],
  ["NO_SHARED_CIPHER", "TLS_CIPHERS"],
  ["NO_SUITABLE", "TLS_CIPHERS"],
  ["DH_KEY_TOO_SMALL", "TLS_CERT_WEAK"],
  ["KEY_TOO_SMALL", "TLS_CERT_WEAK"],
];

function causeOf(word: string, message: string): FailureCode {
  const named = BY_WORD[word];
  if (named !== undefined) return named;
  const text = word === "" ? message.toUpperCase().replaceAll(" ", "_") : word;
  return BY_PART.find(([part]) => text.includes(part))?.[1] ?? "TLS_FAILED";
}

const BARE_ALERT_BYTES = 64;

/** What the far end's or the library's word leaves open, and what we know. */
function refine(code: FailureCode, story: HandshakeStory): FailureCode {
  return refineTrust(code, story) ?? refineRefusal(code, story) ?? code;
}

const ABOUT_TIME: ReadonlySet<FailureCode> = new Set(["TLS_CERT_NOT_YET_VALID", "TLS_CRL_UNUSABLE", "TLS_CERT_EXPIRED"]);

function refineTrust(code: FailureCode, { now, notBefore, peer }: HandshakeStory): FailureCode | undefined {
  if (ABOUT_TIME.has(code) && now !== undefined && notBefore !== undefined && now < notBefore) return "TLS_CLOCK";
  // The purpose is also wrong where somebody issued it who is no authority.
  if (code === "TLS_CERT_PURPOSE" && peer !== undefined && isForServers(peer)) return "TLS_CHAIN_INVALID";
  // For these the runtime has no word of its own: it says UNSPECIFIED.
  if (code === "TLS_FAILED" && peer !== undefined && isWeak(peer)) return "TLS_CERT_WEAK";
  if (code !== "TLS_UNKNOWN_ISSUER" || peer === undefined) return undefined;
  return inspectorNamed(peer.issuer) === undefined ? undefined : "TLS_INTERCEPTED";
}

/** RFC 5280 section 4.2.1.12: without extended key usage it is for everything. */
function isForServers({ keyUsage }: X509Certificate): boolean {
  const uses: readonly string[] = keyUsage ?? [];
  return uses.length === 0 || uses.includes("1.3.6.1.5.5.7.3.1") || uses.includes("2.5.29.37.0");
}

/** Below 112 bits of security, as OpenSSL's level 2 has it: the certificate itself or one that vouches for it. */
function isWeak(certificate: X509Certificate, depth = 0): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  const { modulusLength = Number.POSITIVE_INFINITY } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === "rsa" && modulusLength < 2048) return true;
  const issuer = certificate.issuerCertificate;
  if (issuer === undefined || issuer.fingerprint256 === certificate.fingerprint256) return false;
  if (/md5|sha1\b|sha1with/i.test(certificate.signatureAlgorithm ?? "")) return true;
  return depth < 10 && isWeak(issuer, depth + 1);
}

/** Servers that do not accept our certificate say so in many ways, or break off without a word. */
const REFUSALS: ReadonlySet<FailureCode> = new Set(["TLS_CLIENT_CERT_REFUSED", "TLS_BROKEN_OFF", "TLS_CIPHERS"]);

function refineRefusal(code: FailureCode, { shown, now, heardBytes = 0 }: HandshakeStory): FailureCode | undefined {
  if (!REFUSALS.has(code)) return undefined;
  if (shown !== undefined) return now !== undefined && shown.validToDate.getTime() < now ? "TLS_CLIENT_CERT_EXPIRED" : undefined;
  // TLS 1.2 servers have no word of their own for "show me a certificate": RFC 5246 section 7.4.6.
  return code !== "TLS_BROKEN_OFF" && heardBytes > BARE_ALERT_BYTES ? "TLS_CLIENT_CERT_REQUIRED" : undefined;
}

function detailOf(code: FailureCode, story: HandshakeStory): string {
  const { shown, peer, serverName, now } = story;
  if (code.startsWith("TLS_CLIENT_CERT_")) return shown === undefined ? "no certificate was shown" : `shown: ${describe(shown)}`;
  if (code === "TLS_NAME_MISMATCH") return joined(serverName === undefined ? "" : `wanted ${serverName}`, namesOf(peer));
  if (code === "TLS_INTERCEPTED") return joined(`by ${inspectorNamed(peer?.issuer ?? "") ?? "an inspector"}`, describePeer(story));
  if (code === "TLS_CLOCK") return joined(now === undefined ? "" : `the clock says ${day(now)}`, describePeer(story));
  return describePeer(story);
}

function namesOf(peer: X509Certificate | undefined): string {
  if (peer === undefined) return "";
  return `the certificate carries ${peer.subjectAltName ?? oneLine(peer.subject)}`;
}

function describePeer({ peer }: HandshakeStory): string {
  return peer === undefined ? "" : describe(peer);
}

/** Subject, issuer and dates on one line. */
export function describe(certificate: X509Certificate): string {
  const { subject, issuer, validFromDate, validToDate } = certificate;
  return `${oneLine(subject) || "no subject"}, issued by ${oneLine(issuer)}, valid ${day(validFromDate.getTime())} to ${day(validToDate.getTime())}`;
}

/** SECURITY: names in certificates are the far end's words: no line of ours may begin in them. */
function oneLine(name: string | undefined): string {
  return (name ?? "")
    .replaceAll("\n", ", ")
    .replaceAll(/[\0-\x1f\x7f-\x9f]/g, "?")
    .slice(0, 300);
}

function day(epochMs: number): string {
  // oxlint-disable-next-line no-restricted-globals -- formats a given instant, reads no clock
  return new Date(epochMs).toISOString().slice(0, 10);
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("; ");
}
