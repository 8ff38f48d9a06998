import { AgentError } from "../../base/index.ts";
import type { FailureCode } from "../../contract/index.ts";
import { TokenFailure, type TokenProblem } from "./messages.ts";

const codes = {
  TOKEN_ABSENT: "IDENTITY_ABSENT",
  TOKEN_AMBIGUOUS: "IDENTITY_KEY",
  KEY_ABSENT: "IDENTITY_KEY",
  KEY_MISMATCH: "IDENTITY_KEY",
  PIN_NEEDED: "IDENTITY_PIN",
  PIN_WRONG: "IDENTITY_PIN",
  PIN_LOCKED: "IDENTITY_LOCKED",
  PIN_CANCELLED: "IDENTITY_PIN",
  NOT_SIGNED: "IDENTITY_REFUSED",
  MODULE: "IDENTITY_MODULE",
  SILENT: "IDENTITY_TIMEOUT",
  CRASHED: "IDENTITY_MODULE",
  LOGGED_OUT: "IDENTITY_PIN",
} as const satisfies Record<TokenProblem, FailureCode>;

/** From the token's problem to a failure that people are told. */
export const agentError = (failure: TokenFailure, identity: string): AgentError =>
  new AgentError(codes[failure.problem], `identity \`${identity}\`: ${failure.message}`, { cause: failure });

/** Throws `cause` again when it is something else. */
export function failureOf(cause: unknown): TokenFailure {
  if (cause instanceof TokenFailure) return cause;
  throw cause;
}
