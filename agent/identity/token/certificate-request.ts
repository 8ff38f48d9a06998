import type { KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { sequence, tagged } from "../../asn1/index.ts";

/** What a certificate is asked to say. The issuer decides the rest, and may decide otherwise. */
export interface WantedCertificate {
  readonly commonName: string;
  readonly organization?: string | undefined;
  readonly unit?: string | undefined;
  readonly country?: string | undefined;
  /** `dns:…`, `email:…`, `uri:…`, `ip:…`. */
  readonly names?: readonly string[] | undefined;
}

/** Attribute types of RFC 5280 appendix A.1, in the order in which names are written. */
const attributes = [
  ["country", "0603550406", 0x13],
  ["organization", "060355040a", 0x0c],
  ["unit", "060355040b", 0x0c],
  ["commonName", "0603550403", 0x0c],
] as const;

/** RFC 2986 section 4.1: what a certificate request says, to be signed. */
export function requestInfo(wanted: WantedCertificate, publicKey: KeyObject): Buffer {
  const version = Buffer.from("020100", "hex");
  const subject = attributes.flatMap(([word, oid, tag]) => {
    const value = wanted[word];
    return value === undefined ? [] : [tagged(0x31, sequence(Buffer.from(oid, "hex"), tagged(tag, Buffer.from(value, "utf8"))))];
  });
  const spki = publicKey.export({ type: "spki", format: "der" });
  return sequence(version, sequence(...subject), spki, tagged(0xa0, extensionRequest(wanted.names ?? [])));
}

/** RFC 2985 section 5.4.2 with the alternative names of RFC 5280 section 4.2.1.6; nothing without names. */
function extensionRequest(names: readonly string[]): Buffer {
  if (names.length === 0) return Buffer.alloc(0);
  const alternatives = sequence(...names.map(generalName));
  const extension = sequence(Buffer.from("0603551d11", "hex"), tagged(0x04, alternatives));
  return sequence(Buffer.from("06092a864886f70d01090e", "hex"), tagged(0x31, sequence(extension)));
}

const nameTags: Readonly<Record<string, number>> = { email: 0x81, dns: 0x82, uri: 0x86 };

function generalName(name: string): Buffer {
  const colon = name.indexOf(":");
  const [kind, value] = [name.slice(0, colon), name.slice(colon + 1)] as const;
  const tag = nameTags[kind];
  return tag === undefined ? tagged(0x87, addressBytes(value)) : tagged(tag, Buffer.from(value, "ascii"));
}

/** The bytes of an IP address. What is none becomes none, and the issuer refuses it. */
function addressBytes(text: string): Buffer {
  if (isIP(text) === 4) return Buffer.from(text.split(".").map(Number));
  if (isIP(text) !== 6) return Buffer.alloc(0);
  const [head = "", tail] = text.split("::");
  const words = (part: string) => part.split(":").filter((word) => word !== "");
  const [before, after] = [words(head), words(tail ?? "")];
  const middle = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => "0");
  return Buffer.from([...before, ...middle, ...after].map((word) => word.padStart(4, "0")).join(""), "hex");
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
