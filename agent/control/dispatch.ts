import type { Logger } from "../base/index.ts";
import type { CallHandlers, Caller, Dispatch } from "../contract/index.ts";

/** A call that broke inside the agent, for the log: the caller only gets the incident. */
export interface CallFailure {
  readonly call: string;
  readonly caller: Caller;
  readonly cause: unknown;
}

export interface DispatchOptions {
  readonly handlers: CallHandlers;
  /** A short name under which the log can be searched. */
  readonly newIncident: () => string;
  readonly log: Logger;
}

/** Put handlers of several rooms together. A call twice, missing or unknown is a mistake of ours and fails at start. */
export function collectHandlers(...parts: readonly Partial<CallHandlers>[]): CallHandlers {
  throw new Error(String(parts.length));
}

/** Make the one function through which every face calls the agent. */
export function createDispatch(options: DispatchOptions): Dispatch {
  throw new Error(String(options.log));
}
