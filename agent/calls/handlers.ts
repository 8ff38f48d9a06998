import type { Audit } from "../audit/index.ts";
import { AgentError } from "../base/index.ts";
import type { Facts, Request } from "../connection/index.ts";
import type { CallHandlers, ConnectionView, PolicyReport, ReloadReport, Status } from "../contract/index.ts";
import type { Holds } from "../holds/index.ts";
import type { Live } from "../live/index.ts";
import type { LoadOptions, Policy } from "../policy/index.ts";
import { explainConnection, explainHypothesis } from "./explain-calls.ts";
import type { Memory } from "./memory.ts";
import { checkText, viewPolicy, whatIf } from "./policy-calls.ts";
import { resolveHold } from "./resolve-hold.ts";

/** What the handlers look into, and the few things they may set in motion. */
export interface CallRooms {
  readonly status: () => Status;
  readonly live: Live;
  readonly holds: Holds;
  readonly audit: Audit;
  readonly memory: Memory;
  /** The policy in force, and the report of a newer one that was refused. */
  readonly policy: () => { readonly current: Policy; readonly source: string; readonly loadedAt: number; readonly refused?: PolicyReport };
  readonly config: () => { readonly path?: string; readonly text: string };
  /** Facts of a request that was never made: what the machine itself knows, such as the time. */
  readonly gather: (request: Request) => Facts;
  readonly now: () => number;
  readonly hash: LoadOptions["hash"];
  /** Large sets lie beside the policy in force. */
  readonly readSet: NonNullable<LoadOptions["readSet"]>;
  readonly reload: () => Promise<ReloadReport>;
  readonly stop: (drainMs: number | undefined) => void;
  readonly openConsole: CallHandlers["console.open"];
  /** Answered by the room that holds the keys. */
  readonly identityCalls: Pick<CallHandlers, Extract<keyof CallHandlers, `identity.${string}`>>;
  /** Answered by the room that knows SSH servers. */
  readonly hostKeyCalls: Pick<CallHandlers, Extract<keyof CallHandlers, `hostkeys.${string}`>>;
}

/** All calls of the contract but `watch`, which the channel answers itself. */
export function createHandlers(rooms: CallRooms): CallHandlers {
  return {
    "status.get": () => rooms.status(),
    "connections.list": ({ limit }) => [...rooms.live.list(limit)] as ConnectionView[],
    "connections.close": ({ id }) => {
      if (!rooms.live.close(id, "CARRY_CLOSED_BY_PERSON"))
        throw new AgentError("CONTROL_NOT_FOUND", `no living connection has the id ${id}`);
      return {};
    },
    "connections.explain": ({ id }) => explainConnection(rooms, id),
    explain: (input) => explainHypothesis(rooms, input),
    "policy.get": () => viewPolicy(rooms),
    "policy.check": ({ text, file }) => checkText(rooms, text, file),
    "policy.whatif": ({ text, limit }) => whatIf(rooms, text, limit),
    "holds.list": () => [...rooms.holds.list()],
    "holds.resolve": (input, caller) => resolveHold(rooms, input, caller),
    "audit.query": async (input) => {
      const { records, more } = await rooms.audit.query(input);
      return { records: [...records], more };
    },
    "audit.verify": ({ head }) => rooms.audit.verify(head === undefined ? {} : { head }),
    "config.get": () => rooms.config(),
    "config.reload": () => rooms.reload(),
    ...rooms.identityCalls,
    ...rooms.hostKeyCalls,
    "console.open": (input, caller) => rooms.openConsole(input, caller),
    "agent.stop": ({ drainMs }) => {
      rooms.stop(drainMs);
      return {};
    },
  };
}
