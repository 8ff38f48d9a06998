import { once } from "node:events";
import { lstatSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { AgentError, type Cancel, type Clock, formatCause } from "../base/index.ts";
import {
  type CallInput,
  type CallName,
  type CallOutput,
  calls,
  controlErrorSchema,
  eventSchema,
  maxAnswerBytes,
  protocolVersion,
  serverHelloSchema,
  snapshotSchema,
  type StateEvent,
  type StateSnapshot,
  type Tier,
} from "../contract/index.ts";
import type { ControlEndpoint } from "./endpoint.ts";
import type { PeerOf } from "./peer.ts";
import { readLines } from "./read-lines.ts";
import { assertStrictDirectory, isSystemError } from "./strict-directory.ts";

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
  /** Resolves when the first snapshot was delivered. One watcher per client: a second call replaces the first. */
  watch(watcher: StateWatcher): Promise<void>;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

/**
 * Check who owns the socket, connect, greet. The endpoints are tried in their order; the first one on which somebody answers counts.
 * Rejects `AGENT_UNREACHABLE`, `CONTROL_VERSION`, `CONTROL_DENIED`, or `AGENT_STATE_DIR` when somebody else sits on the socket.
 */
export async function connectControl(endpoints: readonly ControlEndpoint[], options: ControlClientOptions): Promise<ControlClient> {
  for (const endpoint of endpoints) {
    const socket = await openSocket(endpoint, options);
    if (socket !== undefined) return greet(socket, options);
  }
  throw new AgentError("AGENT_UNREACHABLE", `nobody answers on ${endpoints.map((endpoint) => endpoint.path).join(" or ")}`);
}

/** `undefined`: no agent there. SECURITY: nothing is said, not even a hello, before the owner of the other end is known. */
async function openSocket(endpoint: ControlEndpoint, options: ControlClientOptions): Promise<Socket | undefined> {
  if (endpoint.kind === "socket" && !isOwnSocket(endpoint, options.uid)) return undefined;
  const socket = connect(endpoint.path);
  const cancel = giveUpLater(socket, options);
  try {
    await once(socket, "connect");
  } catch (cause) {
    socket.destroy();
    if (cause instanceof AgentError) throw cause;
    if (isSystemError(cause, "ECONNREFUSED", "ENOENT")) return undefined;
    throw new AgentError("AGENT_UNREACHABLE", `${endpoint.path}: ${formatCause(cause)}`, { cause });
  } finally {
    cancel();
  }
  const peer = options.peerOf?.(socket);
  if (peer === undefined || peer.uid === options.uid) return socket;
  socket.destroy();
  throw new AgentError("AGENT_STATE_DIR", `${endpoint.path} is served by user id ${peer.uid}, not by you; nothing was sent to it`);
}

function isOwnSocket(endpoint: ControlEndpoint & { readonly kind: "socket" }, uid: number | undefined): boolean {
  const found = lstatSync(endpoint.path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  assertStrictDirectory(endpoint.dir, uid);
  if (found.isSocket() && (uid === undefined || found.uid === uid)) return true;
  throw new AgentError("AGENT_STATE_DIR", `${endpoint.path} is not a socket of yours; nothing was sent to it`);
}

async function greet(socket: Socket, options: ControlClientOptions): Promise<ControlClient> {
  const frames = readFrames(socket);
  socket.on("error", ignoreBrokenSocket);
  const cancel = giveUpLater(socket, options);
  try {
    const secret = options.secret === undefined ? {} : { secret: options.secret };
    writeFrame(socket, { hello: { protocol: protocolVersion, client: options.client, ...secret } });
    const first = await frames.next();
    if (first.done === true) throw new AgentError("AGENT_UNREACHABLE", "the agent closed the channel without a greeting");
    const parsed = serverHelloSchema.safeParse(first.value);
    if (!parsed.success) throw refusalIn(first.value);
    return new GreetedClient(socket, frames, parsed.data.hello);
  } catch (cause) {
    socket.destroy();
    throw cause instanceof AgentError ? cause : new AgentError("AGENT_UNREACHABLE", "the agent does not answer the greeting", { cause });
  } finally {
    cancel();
  }
}

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

class GreetedClient implements ControlClient {
  readonly agentVersion: string;
  readonly tier: Tier;
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #watcher: StateWatcher | undefined;
  #seq = 0;

  constructor(socket: Socket, frames: AsyncIterable<Record<string, unknown>>, hello: { version: string; tier: Tier }) {
    this.agentVersion = hello.version;
    this.tier = hello.tier;
    this.#socket = socket;
    this.closed = this.#listen(frames);
  }

  async call<N extends Exclude<CallName, "watch">>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    const output = await new Promise((resolve, reject) => this.#ask(name, input, { resolve, reject }));
    const parsed = calls[name].output.safeParse(output);
    if (!parsed.success) throw new AgentError("CONTROL_VERSION", `the answer to ${name} is not what this client knows`);
    return parsed.data as CallOutput<N>;
  }

  /** The snapshot is delivered in the same breath in which it is read, so that an event right behind it finds its watcher. */
  watch(watcher: StateWatcher): Promise<void> {
    this.#watcher = undefined;
    return new Promise((resolve, reject) => {
      const deliver = (output: unknown) => {
        const parsed = snapshotSchema.safeParse(output);
        if (!parsed.success) return reject(new AgentError("CONTROL_VERSION", "the snapshot is not what this client knows"));
        this.#watcher = watcher;
        this.#takeSnapshot(parsed.data);
        resolve();
      };
      this.#ask("watch", {}, { resolve: deliver, reject });
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(name: CallName, input: unknown, waiting: Waiting): void {
    if (this.#socket.destroyed) return waiting.reject(gone());
    this.#lastId += 1;
    this.#waiting.set(this.#lastId, waiting);
    writeFrame(this.#socket, { id: this.#lastId, call: name, input });
  }

  async #listen(frames: AsyncIterable<Record<string, unknown>>): Promise<void> {
    let end = gone();
    try {
      for await (const frame of frames) this.#take(frame);
    } catch (cause) {
      end = cause instanceof AgentError ? cause : gone(cause);
    }
    this.#socket.destroy();
    for (const { reject } of this.#waiting.values()) reject(end);
    this.#waiting.clear();
  }

  #take(frame: Record<string, unknown>): void {
    if ("event" in frame) return this.#takeEvent(eventSchema.parse(frame["event"]));
    if ("snapshot" in frame) return this.#takeSnapshot(snapshotSchema.parse(frame["snapshot"]));
    const id = Number(frame["id"]);
    if (id === 0) throw refusalIn(frame);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if ("error" in frame) waiting?.reject(refusalIn(frame));
    else waiting?.resolve(frame["output"]);
  }

  /** Events before the first snapshot was delivered are part of it. */
  #takeEvent(event: StateEvent): void {
    const watcher = this.#watcher;
    if (watcher === undefined || event.seq <= this.#seq) return;
    if (event.seq !== this.#seq + 1) {
      void this.watch(watcher).catch(ignoreBrokenSocket);
      return;
    }
    this.#seq = event.seq;
    watcher.event(event);
  }

  #takeSnapshot(state: StateSnapshot): void {
    this.#seq = state.seq;
    this.#watcher?.snapshot(state);
  }
}

/** An error, because a socket that is destroyed without one ends nobody's waiting for its connection. */
function giveUpLater(socket: Socket, { clock, timeoutMs = 5000 }: ControlClientOptions): Cancel {
  return clock.after(timeoutMs, () =>
    socket.destroy(new AgentError("AGENT_UNREACHABLE", `the agent did not answer within ${timeoutMs} ms`)),
  );
}

async function* readFrames(socket: Socket): AsyncGenerator<Record<string, unknown>, void> {
  for await (const line of readLines(socket, () => maxAnswerBytes)) {
    yield parseFrame(line);
  }
}

function parseFrame(line: string): Record<string, unknown> {
  try {
    const frame: unknown = JSON.parse(line);
    if (typeof frame === "object" && frame !== null) return frame as Record<string, unknown>;
  } catch (cause) {
    throw new AgentError("CONTROL_VERSION", "the other end does not speak the control protocol", { cause });
  }
  throw new AgentError("CONTROL_VERSION", "the other end does not speak the control protocol");
}

function refusalIn(frame: unknown): AgentError {
  const body = typeof frame === "object" && frame !== null && "error" in frame ? controlErrorSchema.safeParse(frame.error) : undefined;
  if (body?.success === true) return new AgentError(body.data.code, body.data.detail);
  return new AgentError("CONTROL_VERSION", "the other end does not speak the control protocol");
}

function gone(cause?: unknown): AgentError {
  return new AgentError("AGENT_UNREACHABLE", "the agent closed the channel before it answered", { cause });
}

function writeFrame(socket: Socket, frame: unknown): void {
  socket.write(`${JSON.stringify(frame)}\n`);
}

/** The end of the socket shows in `closed` and in every call that waits; its error says nothing more. */
function ignoreBrokenSocket(): void {}
