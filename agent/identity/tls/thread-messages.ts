import type { MessagePort } from "node:worker_threads";
import type { SigningRequest } from "../signing.ts";

/** One handshake for a thread, and one only. */
export interface Errand {
  /** Bytes to and from the server. */
  readonly net: MessagePort;
  /** Plaintext, if the thread is told to carry it. */
  readonly plain: MessagePort;
  /** Where the answer to `sign` is found when the thread wakes up. */
  readonly answers: MessagePort;
  /** The thread sleeps on the first number while somebody else finds the signature. */
  readonly bell: Int32Array;
  readonly serverName: string;
  readonly ca: readonly string[] | undefined;
  readonly crl: readonly string[] | undefined;
  readonly alpn: readonly string[] | undefined;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion: "TLSv1.2" | "TLSv1.3";
  /** False: the other side looks at the name itself. */
  readonly checksName: boolean;
  readonly chain: string;
  /** SubjectPublicKeyInfo of our key. */
  readonly spki: Uint8Array;
  readonly timeoutMs: number;
}

export type ToThread = { readonly kind: "begin"; readonly errand: Errand } | { readonly kind: "carry" } | { readonly kind: "end" };

export type FromThread =
  | ({ readonly kind: "sign" } & SigningRequest)
  | { readonly kind: "session"; readonly session: Uint8Array }
  | { readonly kind: "secure"; readonly protocol: string; readonly alpn: string | undefined; readonly peer: Uint8Array }
  | { readonly kind: "failed"; readonly code: string; readonly message: string; readonly peer: Uint8Array | undefined }
  /** Nothing of the errand is left; the thread is free. */
  | { readonly kind: "free" };

export type SignAnswer = { readonly signature: Uint8Array } | { readonly refused: string };
