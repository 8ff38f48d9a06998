import net from "node:net";
import {
  controlErrorSchema,
  maxAnswerBytes,
  protocolVersion,
  type ServerFrame,
  serverFrameSchema,
  serverHelloSchema,
  snapshotSchema,
  type StateEvent,
  type StateSnapshot,
} from "../../agent/contract/index.ts";
import { CallRefused, unreachable } from "./call-refused.ts";
import { proveSocket } from "./prove-socket.ts";
import { createLineReader } from "./read-lines.ts";

/** A greeted connection to the agent. */
export interface Channel {
  /** Rejects with a {@link CallRefused}. */
  call(name: string, input: unknown): Promise<unknown>;
  /** Ask for news: a snapshot arrives by `onSnapshot` before any event that follows it. Asking again brings a fresh one. */
  watch(): Promise<void>;
  close(): void;
}

export interface ChannelOptions {
  readonly path: string;
  readonly secret: string;
  readonly client: string;
  onEvent(event: StateEvent): void;
  /** Also without having been asked for: events were lost on the way, and this replaces everything. */
  onSnapshot(snapshot: StateSnapshot): void;
  onClose(): void;
}

interface Waiting {
  resolve(output: unknown): void;
  reject(cause: CallRefused): void;
}

/** Connect and greet. One line of JSON a frame, as agent/contract/calls.ts describes. Rejects with a {@link CallRefused}. */
export async function openChannel(options: ChannelOptions): Promise<Channel> {
  proveSocket(options.path);
  const channel = new SocketChannel(options);
  await channel.greeted;
  return channel;
}

class SocketChannel implements Channel {
  readonly greeted: Promise<void>;
  private readonly options: ChannelOptions;
  private readonly socket: net.Socket;
  private readonly waiting = new Map<number, Waiting>();
  private readonly greeting = Promise.withResolvers<void>();
  private isGreeted = false;
  private lastId = 0;

  constructor(options: ChannelOptions) {
    this.options = options;
    this.greeted = this.greeting.promise;
    this.socket = net.connect({ path: options.path });
    this.write({ hello: { protocol: protocolVersion, client: options.client, secret: options.secret } });
    const reader = createLineReader(maxAnswerBytes);
    this.socket.on("data", (piece) => this.read(() => reader.read(piece)));
    this.socket.once("error", (cause) => this.greeting.reject(unreachable(cause.message)));
    this.socket.once("close", () => this.closed());
  }

  call(name: string, input: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => this.ask(name, input, { resolve, reject }));
  }

  /** The answer is taken at once, not in a later turn: an event may stand right behind it in the same piece. */
  watch(): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (output: unknown) => {
        this.options.onSnapshot(snapshotSchema.parse(output));
        resolve();
      };
      this.ask("watch", {}, { resolve: take, reject });
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private ask(call: string, input: unknown, waiting: Waiting): void {
    if (this.socket.destroyed) {
      waiting.reject(unreachable("the connection to the agent is closed"));
      return;
    }
    this.lastId += 1;
    this.waiting.set(this.lastId, waiting);
    this.write({ id: this.lastId, call, input });
  }

  private write(frame: object): void {
    this.socket.write(`${JSON.stringify(frame)}\n`);
  }

  /** What does not fit the contract ends the connection: after it nothing that follows can be trusted to mean what it says. */
  private read(lines: () => readonly string[]): void {
    try {
      for (const line of lines()) {
        if (this.socket.destroyed) return;
        const frame: unknown = JSON.parse(line);
        if (this.isGreeted) this.take(serverFrameSchema.parse(frame));
        else this.takeGreeting(frame);
      }
    } catch (cause) {
      this.greeting.reject(cause instanceof CallRefused ? cause : unreachable("the agent does not speak the contract"));
      this.socket.destroy();
    }
  }

  private takeGreeting(frame: unknown): void {
    const hello = serverHelloSchema.safeParse(frame);
    if (!hello.success) throw refusalIn(frame);
    const { protocol } = hello.data.hello;
    if (protocol !== protocolVersion)
      throw new CallRefused({
        code: "CONTROL_VERSION",
        detail: `the agent speaks version ${protocol}, this application ${protocolVersion}`,
      });
    this.isGreeted = true;
    this.greeting.resolve();
  }

  private take(frame: ServerFrame): void {
    if ("event" in frame) this.options.onEvent(frame.event);
    else if ("snapshot" in frame) this.options.onSnapshot(frame.snapshot);
    else {
      const waiting = this.waiting.get(frame.id);
      this.waiting.delete(frame.id);
      if ("error" in frame) waiting?.reject(new CallRefused(frame.error));
      else waiting?.resolve(frame.output);
    }
  }

  private closed(): void {
    const refusal = unreachable("the agent closed the connection");
    this.greeting.reject(refusal);
    for (const { reject } of this.waiting.values()) reject(refusal);
    this.waiting.clear();
    if (this.isGreeted) this.options.onClose();
  }
}

function refusalIn(frame: unknown): CallRefused {
  const error = controlErrorSchema.safeParse((frame as { readonly error?: unknown } | null)?.error);
  return error.success ? new CallRefused(error.data) : unreachable("the agent did not greet back");
}
