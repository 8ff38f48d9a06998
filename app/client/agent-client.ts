import { snapshotSchema, type StateEvent, type StateSnapshot } from "../../agent/contract/index.ts";
import { CallRefused, type Channel, openChannel } from "./channel.ts";

export interface AgentPlace {
  readonly path: string;
  readonly secret: string;
}

export interface AgentClientOptions {
  readonly client: string;
  onSnapshot(snapshot: StateSnapshot): void;
  onEvent(event: StateEvent): void;
  /** The connection was lost while the agent may still run; it is tried again. */
  onLost(detail: string): void;
}

export interface AgentClient {
  /** Connect to an agent that reported ready; replaces the one before. */
  attach(place: AgentPlace): void;
  /** Forget the agent: it ended. */
  detach(): void;
  /** Rejects with a {@link CallRefused} body. */
  call(name: string, input: unknown): Promise<unknown>;
  /** Ask for a fresh snapshot; the answer arrives by `onSnapshot`. */
  refresh(): Promise<void>;
  close(): void;
}

const retryMs = 500;

/** Windows hold copies, never truth: this client holds the one connection from which they are all told. */
export function createAgentClient(options: AgentClientOptions): AgentClient {
  let place: AgentPlace | undefined;
  let channel: Channel | undefined;
  let retry: NodeJS.Timeout | undefined;
  let generation = 0;

  async function connect(mine: number, to: AgentPlace): Promise<void> {
    try {
      const opened = await openChannel({
        ...to,
        client: options.client,
        onEvent: options.onEvent,
        onSnapshot: options.onSnapshot,
        onClose: () => lost(mine, "the agent closed the connection"),
      });
      if (mine !== generation) {
        opened.close();
        return;
      }
      channel = opened;
      await watch(opened);
    } catch (cause) {
      lost(mine, cause instanceof Error ? cause.message : String(cause));
    }
  }

  function lost(mine: number, detail: string): void {
    if (mine !== generation || place === undefined) return;
    channel = undefined;
    options.onLost(detail);
    const to = place;
    retry = setTimeout(() => void connect(mine, to), retryMs);
  }

  async function watch(on: Channel): Promise<void> {
    options.onSnapshot(snapshotSchema.parse(await on.call("watch", {})));
  }

  function detach(): void {
    generation += 1;
    clearTimeout(retry);
    place = undefined;
    channel?.close();
    channel = undefined;
  }

  return {
    attach: (to) => {
      detach();
      place = to;
      void connect(generation, to);
    },
    detach,
    call: (name, input) =>
      channel === undefined
        ? Promise.reject(new CallRefused({ code: "AGENT_UNREACHABLE", detail: "the agent does not run" }))
        : channel.call(name, input),
    refresh: async () => {
      if (channel !== undefined) await watch(channel);
    },
    close: detach,
  };
}
