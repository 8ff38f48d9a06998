import type { ZodError } from "zod";
import { AgentError, formatCause, type Logger } from "../base/index.ts";
import {
  type CallAnswer,
  type CallHandlers,
  type Caller,
  calls,
  type ControlErrorBody,
  type Dispatch,
  type FailureCode,
  type Tier,
  tiers,
} from "../contract/index.ts";
import type { ReportIncident } from "./incident.ts";

export interface DispatchOptions {
  readonly handlers: CallHandlers;
  readonly audit: ReportIncident;
  /** A short name under which the log can be searched. */
  readonly newIncident: () => string;
  readonly log: Logger;
}

/** What dispatch needs to know of a call; a row of the contract's table. */
interface CallRow {
  readonly tier: Tier;
  readonly input: { safeParse(input: unknown): { success: true; data: unknown } | { success: false; error: ZodError } };
}

type AnyHandler = (input: unknown, caller: Caller) => unknown;

/** Put handlers of several rooms together. A call twice, missing or unknown is a mistake of ours and stops the start. */
export function collectHandlers(...parts: readonly Partial<CallHandlers>[]): CallHandlers {
  const collected = new Map<string, unknown>();
  for (const [name, handler] of parts.flatMap((part) => Object.entries(part))) {
    if (collected.has(name)) throw new AgentError("INTERNAL", `the control call ${name} is registered twice`);
    if (!Object.hasOwn(calls, name) || name === "watch")
      throw new AgentError("INTERNAL", `${name} is no control call that can be registered`);
    collected.set(name, handler);
  }
  const missing = Object.keys(calls).filter((name) => name !== "watch" && !collected.has(name));
  if (missing.length > 0) throw new AgentError("INTERNAL", `nobody registered the control call ${missing.join(", ")}`);
  return Object.fromEntries(collected) as unknown as CallHandlers;
}

/** Make the one function through which every face calls the agent. */
export function createDispatch(options: DispatchOptions): Dispatch {
  return createTableDispatch(calls, { ...options, handlers: options.handlers as unknown as Readonly<Record<string, AnyHandler>> });
}

/** The same for any table: the rules of the channel do not depend on what today's calls happen to need. */
export function createTableDispatch(
  table: Readonly<Record<string, CallRow>>,
  options: Omit<DispatchOptions, "handlers"> & { readonly handlers: Readonly<Record<string, AnyHandler>> },
): Dispatch {
  return async (name, input, caller) => {
    const row = Object.hasOwn(table, name) ? table[name] : undefined;
    const handler = Object.hasOwn(options.handlers, name) ? options.handlers[name] : undefined;
    if (row === undefined || handler === undefined)
      return refuse("CONTROL_BAD_CALL", `there is no call ${JSON.stringify(name.slice(0, 64))}`);
    if (!holdsTier(caller.tier, row.tier)) {
      const detail = `${name} needs the ${row.tier} permission; this caller has ${caller.tier}`;
      options.audit({ kind: "denied", uid: caller.uid, pid: caller.pid, client: caller.client, call: name, detail });
      return refuse("CONTROL_DENIED", detail);
    }
    const parsed = row.input.safeParse(input);
    if (!parsed.success) return refuse("CONTROL_BAD_CALL", `${name}: ${describeMistake(parsed.error)}`);
    const answer = await answerWith(handler, parsed.data, { name, caller, options });
    if (row.tier !== "read") tellOperated(answer, { name, caller, options });
    return answer;
  };
}

/** Whether a caller's tier includes the one that is needed. A tier that is not in the list is held by nobody and includes nothing. */
export function holdsTier(held: Tier, needed: Tier): boolean {
  return tiers.includes(held) && tiers.includes(needed) && tiers.indexOf(held) >= tiers.indexOf(needed);
}

interface CallContext {
  readonly name: string;
  readonly caller: Caller;
  readonly options: Pick<DispatchOptions, "audit" | "newIncident" | "log">;
}

async function answerWith(handler: AnyHandler, input: unknown, context: CallContext): Promise<CallAnswer> {
  try {
    return { output: (await handler(input, context.caller)) ?? {} };
  } catch (cause) {
    return { error: describeFailure(cause, context) };
  }
}

/** Across the border goes what we said on purpose. Anything else is a bug: the caller gets a number, the log gets the cause. */
function describeFailure(cause: unknown, { name, options }: CallContext): ControlErrorBody {
  if (cause instanceof AgentError && cause.code !== "INTERNAL") return { code: cause.code, detail: cause.detail };
  const incident = options.newIncident();
  const stack = cause instanceof Error ? cause.stack : undefined;
  options.log.error("control call failed", { call: name, incident, cause: formatCause(cause), stack });
  return { code: "INTERNAL", detail: `${name} failed; the agent's log tells why under incident ${incident}`, incident };
}

function tellOperated(answer: CallAnswer, { name, caller, options }: CallContext): void {
  const detail = "error" in answer ? `failed: ${answer.error.code}` : "done";
  options.audit({ kind: "operated", uid: caller.uid, pid: caller.pid, client: caller.client, call: name, detail });
}

function refuse(code: FailureCode, detail: string): CallAnswer {
  return { error: { code, detail } };
}

/** The first mistake with its place, `attributes.host: Invalid input …`. */
function describeMistake(error: ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "the input is malformed";
  return issue.path.length === 0 ? issue.message : `${issue.path.map(String).join(".")}: ${issue.message}`;
}
