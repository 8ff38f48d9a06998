import { createRequire } from "node:module";
import type { Padding } from "./signing.ts";

/** What is written in C, out/native/token-key.node: see native/addon.c. Each function is for one kind of process or thread. */
export interface NativePart {
  /** Registers our OpenSSL provider with this process and takes `sign` as the signer of this thread. */
  install(sign: (number: number, digest: string, padding: Padding, message: Buffer) => Buffer): void;
  clearErrors(): void;
  /** C_Login of a module that this process has loaded; CK_RV. Without a PIN it is typed at the reader. */
  login(modulePath: string, session: Buffer, user: number, pin: Buffer | null): number;
  /** Whether all that this system knows against dumps of a process's memory was done. */
  forbidDumps(): boolean;
}

/** Throws what the loader throws, when it was not built for this machine. */
export function loadNativePart(addonPath: string): NativePart {
  return createRequire(import.meta.url)(addonPath) as NativePart;
}

/**
 * From here on nothing of this process is written into a core file, and no other process of the same user may read its memory: PINs, keys
 * and tickets are in there. False: it could not be done, here or at all.
 */
export function forbidDumps(addonPath: string): boolean {
  try {
    return loadNativePart(addonPath).forbidDumps();
  } catch {
    return false;
  }
}
