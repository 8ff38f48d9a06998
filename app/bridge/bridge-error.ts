import { z } from "zod";
import { type ControlErrorBody, controlErrorSchema, type FailureCode } from "../../agent/contract/index.ts";

/** A call that was answered with a failure. Branch on `code`; never on the message. */
export class BridgeError extends Error {
  override readonly name = "BridgeError";
  readonly code: FailureCode;
  readonly detail: string;
  readonly incident: string | undefined;

  constructor(body: ControlErrorBody, options?: { readonly cause?: unknown }) {
    super(`${body.code}: ${body.detail}`, options);
    this.code = body.code;
    this.detail = body.detail;
    this.incident = body.incident;
  }
}

/** What crosses as the answer to a call: a value in both cases, since errors lose their fields between worlds. */
export const bridgeAnswerSchema = z.union([z.object({ output: z.unknown() }), z.object({ error: controlErrorSchema })]);
export type BridgeAnswer = z.infer<typeof bridgeAnswerSchema>;
