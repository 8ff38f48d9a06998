import type { FailureCode } from "../contract/index.ts";

/**
 * A failure: something that should work did not (a full disk, a busy port). Outcomes such as a denial are values, never thrown.
 * Branch on `code`; `detail` is for people and holds no secret.
 */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: FailureCode;
  readonly detail: string;

  constructor(code: FailureCode, detail: string, options?: { readonly cause?: unknown }) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** The code of anything that was thrown: what is not an {@link AgentError} is a bug, and says so. */
export function failureCodeOf(cause: unknown): FailureCode {
  return cause instanceof AgentError ? cause.code : "INTERNAL";
}

/** One line for a log about anything that was thrown. */
export function formatCause(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
