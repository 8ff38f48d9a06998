import type { CallInput, CallName, CallOutput, StateEvent, StateSnapshot, Tier } from "../contract/index.ts";
import type { Clock } from "../base/index.ts";
import type { ControlEndpoint } from "./endpoint.ts";
import type { PeerOf } from "./peer.ts";

export interface ControlClientOptions {
  /** Name and version for the agent's log, `portail-cli/0.1.0`. */
  readonly client: string;
  readonly clock: Clock;
  /** Our own user id; the socket must belong to it. `undefined` where the system has none. */
  readonly uid: number | undefined;
  readonly peerOf?: PeerOf | undefined;
  readonly secret?: string | undefined;
  /** For the connection and its handshake; default 5 seconds. */
  readonly timeoutMs?: number | undefined;
}

/** Takes the news. `snapshot` may come again whenever events were lost; it replaces everything. */
export interface StateWatcher {
  snapshot(state: StateSnapshot): void;
  event(event: StateEvent): void;
}

/** A greeted connection to a running agent. */
export interface ControlClient {
  readonly agentVersion: string;
  readonly tier: Tier;
  /** Rejects with an `AgentError` that carries the agent's code and detail. */
  call<N extends Exclude<CallName, "watch">>(name: N, input: CallInput<N>): Promise<CallOutput<N>>;
  /** Resolves when the first snapshot was delivered. One watcher per client. */
  watch(watcher: StateWatcher): Promise<void>;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Check who owns the socket, connect, greet. Rejects `AGENT_UNREACHABLE`, `CONTROL_VERSION` or `CONTROL_DENIED`. */
export function connectControl(endpoint: ControlEndpoint, options: ControlClientOptions): Promise<ControlClient> {
  throw new Error(`${endpoint.path} ${options.client}`);
}
