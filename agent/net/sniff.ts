/** What a first byte announces on a port that serves several protocols. */
export type Sniffed = "socks5" | "socks4" | "tls" | "http" | "unknown";

/**
 * Tell the protocol by its first byte: SOCKS versions are the byte itself (RFC 1928 section 3), a TLS record of a handshake starts
 * with 0x16 (RFC 8446 section 5.1), HTTP with a method, whose letters are upper case in every registered one, `PRI` of HTTP/2's
 * preface included; see {@link h2Preface}.
 */
export function sniff(firstByte: number): Sniffed {
  if (firstByte === 0x05) return "socks5";
  if (firstByte === 0x04) return "socks4";
  if (firstByte === 0x16) return "tls";
  return isTokenStart(firstByte) ? "http" : "unknown";
}

/** First line of HTTP/2 with prior knowledge, RFC 9113 section 3.4; no HTTP/1 method is called PRI. */
export const h2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** A method is a token (RFC 9110 section 9.1); ours must start with a letter. */
function isTokenStart(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
