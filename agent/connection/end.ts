import type { FailureCode } from "../contract/index.ts";

export type { FailureCode } from "../contract/index.ts";

/** How a connection's life ended. Byte counts are the client's view: `up` was sent by it, `down` was received. */
export type End =
  /** Both directions finished, or one side closed after the tunnel was open. */
  | { readonly kind: "served"; readonly up: number; readonly down: number }
  /** Opened, then cut by something: `code` says what. */
  | { readonly kind: "cut"; readonly code: FailureCode; readonly up: number; readonly down: number; readonly detail?: string }
  /** Never opened; the client was told so in its own words. */
  | { readonly kind: "refused"; readonly code: FailureCode; readonly detail?: string }
  /** A bug or a failure of ours; fails closed. */
  | { readonly kind: "failed"; readonly code: FailureCode; readonly cause?: unknown };
