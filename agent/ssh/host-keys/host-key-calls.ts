import { AgentError } from "../../base/index.ts";
import type { AcceptedHostKey, CallHandlers } from "../../contract/index.ts";
import type { HostKeyDesk } from "./host-key-desk.ts";

export type HostKeyCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `hostkeys.${string}`>>;

/** The keys that the person has accepted. */
export interface AcceptedHostKeys {
  list(): Promise<AcceptedHostKey[]>;
  /** How many keys of `address` (`host:port`) were forgotten. */
  forget(address: string): Promise<number>;
}

/** The control calls about the keys of SSH servers. */
export function createHostKeyCalls(desk: HostKeyDesk, accepted: AcceptedHostKeys): HostKeyCalls {
  return {
    "hostkeys.list": () => accepted.list(),
    "hostkeys.answer": ({ id, accept }) => {
      if (!desk.answer(id, accept)) throw new AgentError("CONTROL_NOT_FOUND", "nobody waits for this answer any more");
      return {};
    },
    "hostkeys.forget": async ({ address }) => ({ forgotten: await accepted.forget(address) }),
  };
}
