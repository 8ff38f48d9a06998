import { createRequire } from "node:module";

/** One direction of one connection between two key exchanges. */
export type GcmContext = { readonly kind: "gcm" };

/** What is written in C, out/native/ssh-gcm.node: see native/gcm.c. */
export interface NativeGcm {
  createSealer(key: Buffer, iv: Buffer): GcmContext;
  createOpener(key: Buffer, iv: Buffer): GcmContext;
  /** In place: length, body, and room for the tag. The padding is made here. */
  seal(sealer: GcmContext, packet: Buffer): void;
  /** False: somebody has changed the packet. */
  open(opener: GcmContext, source: Buffer, at: number, target: Buffer): boolean;
}

/** Undefined where it was not built: the library's own ciphers do the same, with a third more work. */
export function loadNativeGcm(addonPath: string): NativeGcm | undefined {
  try {
    return createRequire(import.meta.url)(addonPath) as NativeGcm;
  } catch {
    return undefined;
  }
}
