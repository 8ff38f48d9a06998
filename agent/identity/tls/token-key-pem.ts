import { formatPem } from "../token/certificate-request.ts";

/** What the provider reads as a private key: a number of ours, big endian, and the public half. It holds nothing secret. */
export function formatTokenKey(number: number, spki: Uint8Array): string {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(number);
  return formatPem("PORTAIL TOKEN KEY", Buffer.concat([head, spki]));
}
