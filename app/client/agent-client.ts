import type { StateEvent, StateSnapshot } from "../../agent/contract/index.ts";
import { unreachable } from "./call-refused.ts";
import { type Channel, openChannel } from "./channel.ts";

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
  /** Rejects with a {@link CallRefused}. */
  call(name: string, input: unknown): Promise<unknown>;
  /** Ask for a fresh snapshot; the answer arrives by `onSnapshot`. */
  refresh(): Promise<void>;
}

const retryMs = 500;

/** Windows hold copies, never truth: this client holds the one connection from which they are all told. */
export function createAgentClient(options: AgentClientOptions): AgentClient {
  return new RetryingClient(options);
}

/** INVARIANT: at most one of `channel`, a connection under way and `retry` stands for the place it is attached to. */
class RetryingClient implements AgentClient {
  private readonly options: AgentClientOptions;
  private channel: Channel | undefined;
  private retry: NodeJS.Timeout | undefined;
  /** Counts attachments, so that what a former one still has under way changes nothing. */
  private generation = 0;

  constructor(options: AgentClientOptions) {
    this.options = options;
  }

  attach(place: AgentPlace): void {
    this.detach();
    void this.connect(this.generation, place);
  }

  detach(): void {
    this.generation += 1;
    clearTimeout(this.retry);
    this.channel?.close();
    this.channel = undefined;
  }

  async call(name: string, input: unknown): Promise<unknown> {
    if (this.channel === undefined) throw unreachable("the agent does not run");
    return this.channel.call(name, input);
  }

  async refresh(): Promise<void> {
    await this.channel?.watch();
  }

  private async connect(mine: number, place: AgentPlace): Promise<void> {
    let opened: Channel | undefined;
    try {
      opened = await openChannel({
        ...place,
        ...this.hearing(mine),
        onClose: () => this.lost(mine, place, "the agent closed the connection"),
      });
      if (mine !== this.generation) {
        opened.close();
        return;
      }
      this.channel = opened;
      await opened.watch();
    } catch (cause) {
      opened?.close();
      this.lost(mine, place, cause instanceof Error ? cause.message : String(cause));
    }
  }

  /** News of a former attachment are no news. */
  private hearing(mine: number): Pick<AgentClientOptions, "client" | "onSnapshot" | "onEvent"> {
    const { client, onSnapshot, onEvent } = this.options;
    return {
      client,
      onSnapshot: (snapshot) => mine === this.generation && onSnapshot(snapshot),
      onEvent: (event) => mine === this.generation && onEvent(event),
    };
  }

  /** A broken connection may tell of its end twice, by a failed call and by closing; it is tried again once. */
  private lost(mine: number, place: AgentPlace, detail: string): void {
    if (mine !== this.generation) return;
    clearTimeout(this.retry);
    this.channel = undefined;
    this.options.onLost(detail);
    this.retry = setTimeout(() => void this.connect(mine, place), retryMs);
  }
}
