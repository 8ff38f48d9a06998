import type { Client, SshCipher, SshDecipher } from "ssh2";
import { GcmOpener } from "./gcm-opener.ts";
import { GcmSealer } from "./gcm-sealer.ts";
import type { NativeGcm } from "./native-gcm.ts";

/**
 * Puts ours where the library has just put its own AES-GCM: to be called each time that keys were exchanged, before the next packet. Ours
 * goes on where the library's stands, with its IVs and numbers; whatever else was agreed on stays.
 */
export function useNativeGcm({ _protocol: protocol }: Client, gcm: NativeGcm): void {
  const { _cipher: cipher, _decipher: decipher } = protocol;
  if (isGcmCipher(cipher)) protocol._cipher = new GcmSealer(gcm, cipher);
  // In the middle of a packet the library knows what ours would not.
  if (isGcmDecipher(decipher) && decipher._lenBytes === 0) protocol._decipher = new GcmOpener(gcm, decipher);
}

const isGcmName = (name: string | undefined) => name === "aes-128-gcm" || name === "aes-256-gcm";

function isGcmCipher(cipher: SshCipher): cipher is Required<SshCipher> {
  return isGcmName(cipher._encSSLName);
}

function isGcmDecipher(decipher: SshDecipher): decipher is Required<SshDecipher> {
  return isGcmName(decipher._decipherSSLName);
}
