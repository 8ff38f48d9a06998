import type { Clock, Logger } from "../base/index.ts";
import type { Dispatch, StateFeed } from "../contract/index.ts";
import type { ControlEndpoint } from "./endpoint.ts";
import type { PeerOf } from "./peer.ts";

/** Something on the channel that belongs into the record: who was refused, and what was done. */
export interface ControlIncident {
  readonly kind: "other-user" | "wrong-secret" | "unproven" | "denied" | "abuse" | "operated";
  readonly uid: number | undefined;
  readonly pid: number | undefined;
  readonly client: string | undefined;
  readonly call?: string;
  readonly detail: string;
}

export interface ControlServerOptions {
  readonly endpoint: ControlEndpoint;
  readonly version: string;
  readonly dispatch: Dispatch;
  readonly feed: StateFeed;
  /** The agent's own user id; others are refused. */
  readonly uid: number | undefined;
  readonly peerOf: PeerOf;
  /** Per-run secret that makes a caller `admin`. */
  readonly secret?: string | undefined;
  readonly audit: (incident: ControlIncident) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ControlServer {
  readonly path: string;
  /** Stop listening, end every client, remove the socket. A second call does nothing. */
  close(): Promise<void>;
}

/** Open the channel. Rejects `AGENT_RUNNING` (a living agent answers there) or `AGENT_STATE_DIR` (the place is not ours). */
export function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  throw new Error(options.endpoint.path);
}
