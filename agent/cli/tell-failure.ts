import { AgentError, failureCodeOf, formatCause } from "../base/index.ts";
import { failures } from "../contract/index.ts";
import type { ExitCode } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import type { CliOutput } from "./main.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";

export interface FailureFace {
  readonly stderr: CliOutput;
  readonly paint: Paint;
  readonly asJson: boolean;
}

/** Say what went wrong and what to do about it, and answer with the exit code. */
export function tellFailure(cause: unknown, { stderr, paint, asJson }: FailureFace): ExitCode {
  const code = failureCodeOf(cause);
  const { sentence, remedy } = failures[code];
  const detail = cause instanceof AgentError ? cause.detail : formatCause(cause);
  if (asJson) stderr.write(`${JSON.stringify({ error: { code, sentence, detail, remedy } })}\n`);
  else stderr.write(`${paint.bad("portail:")} ${sentence} ${paint.faint(`(${code})`)}\n  ${printable(detail)}\n  ${remedy}\n`);
  return exitCodes[code];
}
