/**
 * SECURITY: a key of an identity signs one thing only: that a TLS handshake was ours. Who could have other texts signed could forge
 * certificate requests, documents and logins. Every keeper of a key looks at the whole message here, before it hashes it.
 */

/** RFC 8446 section 4.4.3: 64 spaces, the context, a zero, then the hash of the transcript (SHA-256 or SHA-384). */
const tls13Prefix = Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from("TLS 1.3, client CertificateVerify\0", "latin1")]);
const tls13Hashes = [32, 48];

/** Longest transcript of TLS 1.2 that is looked at; certificate chains of servers make most of it. */
const longestTranscript = 256 * 1024;

/** Is `message` what a TLS 1.2 or 1.3 client signs to prove that it holds its key? */
export function isClientAuthentication(message: Uint8Array): boolean {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  return isTls13(bytes) || isTls12(bytes);
}

function isTls13(bytes: Buffer): boolean {
  return bytes.subarray(0, tls13Prefix.length).equals(tls13Prefix) && tls13Hashes.includes(bytes.length - tls13Prefix.length);
}

/**
 * RFC 5246 section 7.4.8: all handshake messages so far, each `type(1) length(3) body`. By section 7.3 that is, in this order:
 *
 *   1 ClientHello · 2 ServerHello · 11 Certificate · 22 CertificateStatus? · 12 ServerKeyExchange? · 13 CertificateRequest ·
 *   14 ServerHelloDone · 11 Certificate · 16 ClientKeyExchange
 */
function isTls12(bytes: Buffer): boolean {
  if (bytes.length > longestTranscript) return false;
  const types: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return false;
    const type = bytes.readUInt8(at);
    const begin = at + 4;
    at = begin + bytes.readUIntBE(at + 1, 3);
    if (at > bytes.length) return false;
    // Both hellos begin with the version, which is 3.3 for TLS 1.2.
    if ((type === 1 || type === 2) && (at - begin < 2 || bytes.readUInt16BE(begin) !== 0x0303)) return false;
    types.push(type);
  }
  return /^1 2 11( 22)?( 12)? 13 14 11 16$/.test(types.join(" "));
}
