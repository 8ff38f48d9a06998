import type { Socket } from "node:net";
import type { ZodType } from "zod";
import { AgentError, type Cancel, type Clock, type Logger } from "../base/index.ts";
import {
  type Caller,
  calls,
  clientCallSchema,
  clientHelloSchema,
  type ControlErrorBody,
  type Dispatch,
  maxFrameBytes,
  protocolVersion,
  type StateFeed,
} from "../contract/index.ts";
import { admit, type Household, refuseStranger } from "./admission.ts";
import type { ControlIncident, ReportIncident } from "./incident.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import type { PeerProof } from "./peer.ts";
import { readLines } from "./read-lines.ts";
import { startWatchStream } from "./watch-stream.ts";

/** What every session of one server shares. */
export interface SessionContext {
  readonly household: Household;
  readonly version: string;
  readonly dispatch: Dispatch;
  readonly feed: StateFeed;
  readonly report: ReportIncident;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A client has this long to say who it is, in so many bytes. */
const helloMs = 5000;
const maxHelloBytes = 4096;
/** Calls of one client that run at once; the next one is not even read. */
const maxRunning = 32;
/** A client that sends this many lines that are no messages speaks something else. */
const maxStrikes = 5;
/** How long a refused client has to read why. */
const lingerMs = 1000;

/** One client from its first byte to its last. Never rejects; the socket is gone when it resolves. */
export async function serveSession(socket: Socket, peer: PeerProof | undefined, context: SessionContext): Promise<void> {
  const session = new Session(socket, peer, context);
  try {
    await session.serve();
  } catch (cause) {
    session.endBadly(cause);
  }
}

class Session {
  readonly #socket: Socket;
  readonly #peer: PeerProof | undefined;
  readonly #context: SessionContext;
  readonly #outbox: Outbox;
  #greeted = false;
  #running = 0;
  #strikes = 0;
  #slotFreed: (() => void) | undefined;
  #unwatch: (() => void) | undefined;

  constructor(socket: Socket, peer: PeerProof | undefined, context: SessionContext) {
    this.#socket = socket;
    this.#peer = peer;
    this.#context = context;
    this.#outbox = createOutbox(socket, context.clock);
  }

  async serve(): Promise<void> {
    const { household } = this.#context;
    // A stranger is refused before one of his bytes is looked at.
    if (this.#peer !== undefined && this.#peer.uid !== household.uid) {
      const refusal = refuseStranger(household, this.#peer);
      return this.#refuse(refusal.incident, { code: "CONTROL_DENIED", detail: refusal.detail });
    }
    const late: Cancel = this.#context.clock.after(helloMs, () => this.#socket.destroy());
    this.#socket.on("close", () => {
      late();
      this.#unwatch?.();
      this.#slotFreed?.();
    });
    let caller: Caller | undefined;
    const bytes = this.#socket.iterator({ destroyOnReturn: false });
    for await (const line of readLines(bytes, () => (this.#greeted ? maxFrameBytes : maxHelloBytes))) {
      if (caller !== undefined) {
        await this.#take(line, caller);
        continue;
      }
      caller = this.#greet(line);
      if (caller === undefined) return;
      late();
    }
  }

  /** A line over the bound or not UTF-8 ends the session with a word; a broken socket has nobody to tell. */
  endBadly(cause: unknown): void {
    this.#unwatch?.();
    if (cause instanceof AgentError) return this.#refuse("abuse", { code: cause.code, detail: cause.detail });
    this.#socket.destroy();
  }

  /** The version comes first: a client of another version must not be told that its secret is wrong. */
  #greet(line: string): Caller | undefined {
    const parsed = parseLine(clientHelloSchema, line);
    if (parsed === undefined) {
      const detail = "the first message must be a hello of this protocol";
      this.#refuse("abuse", { code: "CONTROL_BAD_CALL", detail });
      return undefined;
    }
    const { protocol, client, secret } = parsed.hello;
    if (protocol !== protocolVersion) {
      const detail = `the client speaks protocol ${protocol}, this agent (${this.#context.version}) speaks ${protocolVersion}`;
      this.#sayAndEnd({ code: "CONTROL_VERSION", detail });
      return undefined;
    }
    const admission = admit(this.#context.household, this.#peer, secret);
    if (admission.kind === "refused") {
      this.#refuse(admission.incident, { code: "CONTROL_DENIED", detail: admission.detail }, client);
      return undefined;
    }
    this.#greeted = true;
    this.#outbox.send({ hello: { protocol: protocolVersion, version: this.#context.version, tier: admission.tier } });
    return { client, uid: this.#peer?.uid, pid: this.#peer?.pid, tier: admission.tier };
  }

  async #take(line: string, caller: Caller): Promise<void> {
    const parsed = parseLine(clientCallSchema, line);
    if (parsed === undefined) return this.#strike();
    await this.#outbox.room();
    if (parsed.call === "watch") return this.#watch(parsed.id, parsed.input);
    while (this.#running >= maxRunning && !this.#socket.destroyed) await this.#slot();
    this.#running += 1;
    void this.#answer(parsed.id, this.#context.dispatch(parsed.call, parsed.input, caller));
  }

  async #answer(id: number, answer: ReturnType<Dispatch>): Promise<void> {
    const settled = await answer;
    this.#outbox.send({ id, ...settled });
    this.#running -= 1;
    this.#slotFreed?.();
  }

  #slot(): Promise<void> {
    return new Promise((resolve) => {
      this.#slotFreed = resolve;
    });
  }

  /** Snapshot and subscription in one breath, so that no event falls between them. Watching again starts afresh. */
  #watch(id: number, input: unknown): void {
    const parsed = calls.watch.input.safeParse(input);
    if (!parsed.success) return this.#outbox.send({ id, error: { code: "CONTROL_BAD_CALL", detail: "watch takes an empty object" } });
    this.#unwatch?.();
    this.#outbox.send({ id, output: this.#context.feed.snapshot() });
    this.#unwatch = startWatchStream(this.#context.feed, this.#outbox);
  }

  #strike(): void {
    this.#strikes += 1;
    if (this.#strikes < maxStrikes) {
      return this.#outbox.send({ id: 0, error: { code: "CONTROL_BAD_CALL", detail: 'a message must be {"id":…,"call":…,"input":…}' } });
    }
    throw new AgentError("CONTROL_BAD_CALL", "too many messages that could not be understood");
  }

  #refuse(kind: ControlIncident["kind"], error: ControlErrorBody, client?: string): void {
    this.#context.report({ kind, uid: this.#peer?.uid, pid: this.#peer?.pid, client, detail: error.detail });
    this.#sayAndEnd(error);
  }

  /** The last word is flushed, and whatever the peer still sends is thrown away for a short while, so that a reset does not eat it. */
  #sayAndEnd(error: ControlErrorBody): void {
    this.#outbox.send({ id: 0, error });
    this.#socket.end();
    this.#socket.resume();
    const cancel = this.#context.clock.after(lingerMs, () => this.#socket.destroy());
    this.#socket.on("close", cancel);
  }
}

function parseLine<S extends ZodType>(schema: S, line: string): S["_output"] | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
