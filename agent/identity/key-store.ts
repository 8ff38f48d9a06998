import type { KeyObject, X509Certificate } from "node:crypto";
import type { SigningRequest } from "./signing.ts";

/** A certificate with the key that belongs to it, ready for use. */
export interface ClientKey {
  /** Our certificate first, then its issuers; never empty. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
  /**
   * The proof of a TLS client that it holds this key; for any other message it rejects. Rejects with AgentError (IDENTITY_*). It may take
   * as long as a person needs to find a PIN and to touch a key.
   */
  sign(request: SigningRequest): Promise<Buffer>;
  /** Present when the key is in this process: it may be used without asking anybody, and without a thread. */
  readonly privateKey?: KeyObject;
}

/** Where a key lives. Every kind passes `key-store.suite.ts`. */
export interface KeyStore {
  readonly name: string;
  readonly kind: "file" | "pkcs11" | "tpm2";
  /** Finds key and certificate and sees that they belong together. Rejects with AgentError (IDENTITY_*). Cheap when nothing has changed. */
  open(): Promise<ClientKey>;
  /** Whether what `open` found last may still be there, without asking anybody for anything. False: forget tickets that it has earned. */
  isPresent(): Promise<boolean>;
  /** Look again at the next `open`: something was changed. A login stays. */
  refresh(): void;
  /** Log out and forget. The next `open` begins anew. */
  forget(): Promise<void>;
}
