import { type ControlErrorBody, controlErrorSchema } from "../../agent/contract/index.ts";
import {
  type AgentCallName,
  type AppCallName,
  type BridgeOutput,
  type BridgeParsed,
  isAgentCall,
  isBridgeCall,
  schemasOf,
} from "./bridge-calls.ts";
import type { BridgeAnswer } from "./bridge-error.ts";

/** What the side behind the window must implement: the application's own calls, and one way to the agent for its calls. */
export interface BridgeHandlers {
  readonly app: { readonly [N in AppCallName]: (input: BridgeParsed<N>) => Promise<BridgeOutput<N>> | BridgeOutput<N> };
  agent(call: AgentCallName, input: unknown): Promise<unknown>;
}

/**
 * Answer one call of a window. The name and the input are parsed by the table before anything happens; it never rejects,
 * and a failure without a code says INTERNAL and nothing else (no path, no stack).
 */
export async function answerCall(handlers: BridgeHandlers, name: unknown, input: unknown): Promise<BridgeAnswer> {
  if (!isBridgeCall(name)) return refusal("CONTROL_BAD_CALL", "no such call");
  const parsed = schemasOf(name).input.safeParse(input);
  if (!parsed.success) return refusal("CONTROL_BAD_CALL", `the input of ${name} does not fit: ${parsed.error.issues[0]?.message ?? ""}`);
  try {
    if (isAgentCall(name)) return { output: await handlers.agent(name, parsed.data) };
    const handler = handlers.app[name] as (value: unknown) => unknown;
    return { output: await handler(parsed.data) };
  } catch (cause) {
    return { error: errorBodyOf(cause) };
  }
}

function refusal(code: ControlErrorBody["code"], detail: string): BridgeAnswer {
  return { error: { code, detail } };
}

function errorBodyOf(cause: unknown): ControlErrorBody {
  const body = controlErrorSchema.safeParse(cause);
  return body.success ? body.data : { code: "INTERNAL", detail: "the call failed" };
}
