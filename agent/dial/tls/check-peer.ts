import { createHash, type X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { PeerRejected } from "./diagnose-tls.ts";

/** Whom to recognise in a certificate whose chain was verified. */
export interface ExpectedPeer {
  readonly serverName: string;
  /** SHA-256 of accepted public keys (SubjectPublicKeyInfo), base64; one of them must be the server's. Empty: any key. */
  readonly pins: readonly string[];
  /** Accepted URI names, such as `spiffe://corp.example/gw`; with any, one of them replaces the check of `serverName`. */
  readonly uris: readonly string[];
}

/** What OpenSSL leaves to us: the name, the URIs, the pins. Undefined: it is the one that we want. */
export function checkPeer(peer: X509Certificate, expected: ExpectedPeer): PeerRejected | undefined {
  return checkName(peer, expected) ?? checkPin(peer, expected);
}

function checkName(peer: X509Certificate, { serverName, uris }: ExpectedPeer): PeerRejected | undefined {
  if (uris.length > 0) {
    const carried = uriNamesOf(peer);
    if (uris.some((uri) => carried.includes(uri))) return undefined;
    const found = carried.length === 0 ? "it carries no URI" : `it carries ${carried.join(", ")}`;
    return new PeerRejected("TLS_URI_MISMATCH", `wanted ${uris.join(" or ")}; ${found}`);
  }
  // RFC 9525: names are matched against subject alternative names; the common name counts for nothing.
  const matched = isIP(serverName) === 0 ? peer.checkHost(serverName, { subject: "never" }) : peer.checkIP(serverName);
  if (matched !== undefined) return undefined;
  return new PeerRejected("TLS_NAME_MISMATCH", `wanted ${serverName}; the certificate carries ${peer.subjectAltName ?? "no names"}`);
}

function checkPin(peer: X509Certificate, { pins }: ExpectedPeer): PeerRejected | undefined {
  if (pins.length === 0) return undefined;
  const pin = pinOf(peer);
  return pins.includes(pin) ? undefined : new PeerRejected("TLS_PIN_MISMATCH", `its key is sha256/${pin}`);
}

/** RFC 7469 section 2.4: the hash of the public key's SubjectPublicKeyInfo. */
export function pinOf(peer: X509Certificate): string {
  return createHash("sha256")
    .update(peer.publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}

/**
 * URI names of a certificate. SECURITY: the runtime prints names as `TYPE:value, TYPE:value` and quotes any value that could be mistaken
 * for more than one (CVE-2021-44532); quoted values are JSON.
 */
export function uriNamesOf({ subjectAltName }: Pick<X509Certificate, "subjectAltName">): readonly string[] {
  const names = subjectAltName ?? "";
  const uris: string[] = [];
  const part = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/gy;
  for (let match = part.exec(names); match !== null; match = part.exec(names)) {
    const [, type, value = ""] = match;
    if (type === "URI") uris.push(value.startsWith('"') ? (JSON.parse(value) as string) : value);
  }
  return uris;
}
