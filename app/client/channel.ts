import net from "node:net";
import {
  type ControlErrorBody,
  maxFrameBytes,
  protocolVersion,
  type ServerFrame,
  serverFrameSchema,
  serverHelloSchema,
  type StateEvent,
  type StateSnapshot,
} from "../../agent/contract/index.ts";

/** A call that the agent answered with a failure, or that nobody answered. Its body has the shape that windows understand. */
export class CallRefused extends Error implements ControlErrorBody {
  override readonly name = "CallRefused";
  readonly code: ControlErrorBody["code"];
  readonly detail: string;
  readonly incident?: string;

  constructor(body: ControlErrorBody) {
    super(`${body.code}: ${body.detail}`);
    this.code = body.code;
    this.detail = body.detail;
    if (body.incident !== undefined) this.incident = body.incident;
  }
}

export interface Channel {
  call(name: string, input: unknown): Promise<unknown>;
  close(): void;
}

export interface ChannelOptions {
  readonly path: string;
  readonly secret: string;
  readonly client: string;
  onEvent(event: StateEvent): void;
  /** Events were lost on the way; this replaces everything. */
  onSnapshot(snapshot: StateSnapshot): void;
  onClose(): void;
}

interface Waiting {
  resolve(output: unknown): void;
  reject(cause: CallRefused): void;
}

/** Connect and greet. One line of JSON a frame, as agent/contract/calls.ts describes. */
export function openChannel(options: ChannelOptions): Promise<Channel> {
  const socket = net.connect({ path: options.path });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  const channel: Channel = {
    call: (call, input) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(unreachable("the connection to the agent is closed"));
          return;
        }
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        socket.write(`${JSON.stringify({ id, call, input })}\n`);
      }),
    close: () => socket.destroy(),
  };
  socket.write(`${JSON.stringify({ hello: { protocol: protocolVersion, client: options.client, secret: options.secret } })}\n`);
  return new Promise((resolve, reject) => {
    let greeted = false;
    socket.once("error", (cause) => reject(unreachable(cause.message)));
    socket.once("close", () => {
      reject(unreachable("the agent closed the connection"));
      for (const { reject: refuse } of waiting.values()) refuse(unreachable("the agent closed the connection"));
      waiting.clear();
      if (greeted) options.onClose();
    });
    readLines(socket, (line) => {
      if (!greeted) {
        greeted = serverHelloSchema.safeParse(line).success;
        if (greeted) resolve(channel);
        else socket.destroy(reject(refusalIn(line)) ?? undefined);
        return;
      }
      const frame = serverFrameSchema.safeParse(line);
      if (frame.success) deliver(frame.data, waiting, options);
      else socket.destroy();
    });
  });
}

function deliver(frame: ServerFrame, waiting: Map<number, Waiting>, news: Pick<ChannelOptions, "onEvent" | "onSnapshot">): void {
  if ("event" in frame) {
    news.onEvent(frame.event);
    return;
  }
  if ("snapshot" in frame) {
    news.onSnapshot(frame.snapshot);
    return;
  }
  const call = waiting.get(frame.id);
  waiting.delete(frame.id);
  if ("error" in frame) call?.reject(new CallRefused(frame.error));
  else call?.resolve(frame.output);
}

/** Cut the stream into parsed lines; a line over the bound or without JSON closes the socket. */
function readLines(socket: net.Socket, onLine: (line: unknown) => void): void {
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf("\n"); end >= 0 && !socket.destroyed; end = text.indexOf("\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      try {
        onLine(JSON.parse(line));
      } catch {
        socket.destroy();
      }
    }
    if (text.length > maxFrameBytes) socket.destroy();
  });
}

function refusalIn(line: unknown): CallRefused {
  const frame = serverFrameSchema.safeParse(line);
  if (frame.success && "error" in frame.data) return new CallRefused(frame.data.error);
  const error = (line as { error?: ControlErrorBody } | null)?.error;
  return error?.code === undefined ? unreachable("the agent did not greet back") : new CallRefused(error);
}

function unreachable(detail: string): CallRefused {
  return new CallRefused({ code: "AGENT_UNREACHABLE", detail });
}
