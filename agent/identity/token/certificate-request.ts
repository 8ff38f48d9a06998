import type { KeyObject } from "node:crypto";
import { sequence, tagged } from "./signature-encoding.ts";

/** RFC 2986 section 4.1: what a certificate request says, to be signed. The subject is a common name alone; the issuer decides the rest. */
export function requestInfo(commonName: string, publicKey: KeyObject): Buffer {
  const version = Buffer.from("020100", "hex");
  const attribute = sequence(Buffer.from("0603550403", "hex"), tagged(0x0c, Buffer.from(commonName, "utf8")));
  const subject = sequence(tagged(0x31, attribute));
  const spki = publicKey.export({ type: "spki", format: "der" });
  return sequence(version, subject, spki, Buffer.from("a000", "hex"));
}

/** The algorithm identifiers of RFC 5758 section 3.2 and RFC 8017 appendix A.2.4: with SHA-256, for both kinds of key. */
const algorithms = {
  ec: Buffer.from("06082a8648ce3d040302", "hex"),
  rsa: Buffer.from("06092a864886f70d01010b0500", "hex"),
} as const;

export function certificateRequest(info: Buffer, type: keyof typeof algorithms, signature: Uint8Array): Buffer {
  return sequence(info, sequence(algorithms[type]), tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
}

/** PEM with lines of 64 characters (RFC 7468 section 2). */
export function formatPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
