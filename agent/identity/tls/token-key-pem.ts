import { createRequire } from "node:module";
import { formatPem } from "../token/certificate-request.ts";

/** `sign(number, digest, padding, message)`: see native/addon.c. */
type NativeSign = (number: number, digest: string, padding: "none" | "pkcs1" | "pss", message: Buffer) => Buffer;

interface TokenKeyAddon {
  install(sign: NativeSign): void;
  clearErrors(): void;
}

/** Loads our OpenSSL provider into this process and takes `sign` as the signer of this thread. */
export function loadTokenKeyAddon(addonPath: string): TokenKeyAddon {
  return createRequire(import.meta.url)(addonPath) as TokenKeyAddon;
}

/** What the provider reads as a private key: a number of ours, big endian, and the public half. It holds nothing secret. */
export function formatTokenKey(number: number, spki: Uint8Array): string {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(number);
  return formatPem("PORTAIL TOKEN KEY", Buffer.concat([head, spki]));
}
