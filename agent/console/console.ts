import type { Socket } from "node:net";
import type { Clock, Logger } from "../base/index.ts";
import type { Caller, Dispatch, StateFeed } from "../contract/index.ts";

export interface ConsoleOptions {
  /** Folder of the built screens, `out/renderer`. */
  readonly rendererDir: string;
  readonly dispatch: Dispatch;
  readonly feed: StateFeed;
  /** Whether the program at the other end of a loopback connection is run by the agent's own user; trouble counts as no. */
  readonly isOwner: (socket: Socket) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The server and all sessions end after this long without a call or a stream; default 15 minutes. */
  readonly idleMs?: number;
}

export interface ConsoleLink {
  readonly url: string;
  readonly expiresAt: number;
}

export interface Console {
  /** Start the page server if it sleeps, and make a link that opens one session once within a minute. The session acts as `caller`. */
  open(caller: Caller): Promise<ConsoleLink>;
  close(): Promise<void>;
}

/** Nothing listens before the first `open`. */
export function createConsole(options: ConsoleOptions): Console {
  throw new Error(options.rendererDir);
}
