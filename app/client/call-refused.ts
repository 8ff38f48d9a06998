import type { ControlErrorBody } from "../../agent/contract/index.ts";

/** A call that the agent answered with a failure, or that nobody answered. Its body has the shape that windows understand. */
export class CallRefused extends Error implements ControlErrorBody {
  override readonly name = "CallRefused";
  readonly code: ControlErrorBody["code"];
  readonly detail: string;
  readonly incident?: string;

  constructor(body: ControlErrorBody) {
    super(`${body.code}: ${body.detail}`);
    this.code = body.code;
    this.detail = body.detail;
    if (body.incident !== undefined) this.incident = body.incident;
  }
}

export function unreachable(detail: string): CallRefused {
  return new CallRefused({ code: "AGENT_UNREACHABLE", detail });
}
