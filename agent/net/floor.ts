import { Duplex } from "node:stream";
import { giveBackPacket, giveBackPiece } from "./buffers.ts";
import { Gathered } from "./gathered.ts";
import type { Address, Leg } from "./leg.ts";
import { LegBase, type LegWatcher } from "./leg-base.ts";

/** Beyond this many bytes that the kernel has not taken, whoever writes is told to wait. */
const QUEUED_BYTES = 1024 * 1024;
/** Pieces up to here are copied even when lending: what is worth keeping of a handshake is small. */
const COPIED_BYTES = 16 * 1024;

/** RFC 4253 section 6: what stands before each packet. */
const LENGTH_BYTES = 4;

/**
 * A leg as the floor under a protocol that lives in JavaScript and consumes what it is given before it returns (SSH). The leg reads as it
 * does in a splice, in pieces of up to 512 KB that nobody copies; what the protocol writes within one turn of the loop, often a few bytes at
 * a time, leaves in one piece. It is closed as a whole: a peer that ends has said all it will hear an answer to.
 */
export class Floor extends Duplex {
  readonly #leg: LegBase;
  readonly #sink: Sink;
  readonly #gathered: Gathered;
  #isLending = false;
  #isGivenAway = false;
  /** Of the packet that is being written. */
  #head: Buffer | undefined;
  #hasBegun = false;
  #waiting: (() => void) | undefined;

  /** Owns the leg from here on. Nothing is read before somebody listens. */
  constructor(leg: Leg) {
    super({ allowHalfOpen: true, writableHighWaterMark: 256 * 1024 });
    if (!(leg instanceof LegBase)) throw new TypeError("only legs of this room can carry a protocol");
    this.#leg = leg;
    this.#sink = new Sink(
      (bytes, isLent) => this.#take(bytes, isLent),
      () => this.#settled(),
    );
    this.#gathered = new Gathered((bytes) => leg.forward(bytes, this.#sink));
  }

  /** From now on large pieces are handed on as they lie in the leg's buffer: the listener must keep nothing of them. */
  lend(): void {
    this.#isLending = true;
  }

  /**
   * Whether the protocol writes each packet as a length, which lies where the packet lies in clear, and a large piece that it never looks at
   * again: the memory of both is then given back, of the first when the next packet comes.
   */
  takeAway(isGivenAway: boolean): void {
    this.#isGivenAway = isGivenAway;
  }

  override _read(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const watcher: LegWatcher = {
      legEnded: () => this.push(null),
      legFlushed: () => undefined,
      legReset: () => this.destroy(Object.assign(new Error("the connection was broken off"), { code: "ECONNRESET" })),
    };
    this.once("end", () => this.destroy());
    this.#leg.join(this.#sink, watcher);
    this.#leg.begin();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#gathered.add(chunk);
    if (this.#isGivenAway) this.#giveBack(chunk);
    if (this.#leg.queuedBytes <= QUEUED_BYTES) callback();
    else this.#waiting = callback;
  }

  override _final(callback: () => void): void {
    this.#gathered.release();
    this.#leg.end();
    callback();
  }

  override _destroy(cause: Error | null, callback: (cause?: Error | null) => void): void {
    this.#gathered.release();
    this.#gathered.drop();
    this.#leg.destroy();
    callback(cause);
  }

  /** Emitted and not pushed: a stream's own queue would keep what is only lent. */
  #take(bytes: Uint8Array, isLent: boolean): void {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const mayLend = !isLent || (this.#isLending && piece.length > COPIED_BYTES);
    this.emit("data", mayLend ? piece : Buffer.from(piece));
  }

  #giveBack(chunk: Buffer): void {
    if (chunk.length !== LENGTH_BYTES) return giveBackPiece(chunk);
    if (this.#head !== undefined) giveBackPacket(this.#head);
    this.#head = chunk;
  }

  #settled(): void {
    this.#gathered.settled();
    if (this.#waiting === undefined || this.#leg.queuedBytes > QUEUED_BYTES) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting();
  }
}

/** Where the leg's bytes go: to whoever listens to the floor. */
class Sink extends LegBase {
  readonly lends = true;
  readonly fd = -1;
  readonly remote: Address | undefined = undefined;
  readonly local: Address | undefined = undefined;
  readonly queuedBytes = 0;
  readonly flushed = true;
  private readonly taken: (bytes: Uint8Array, isLent: boolean) => void;
  private readonly settled: () => void;

  constructor(taken: Sink["taken"], settled: () => void) {
    super();
    this.taken = taken;
    this.settled = settled;
  }

  forward(bytes: Uint8Array, source: LegBase | undefined): boolean {
    this.taken(bytes, source?.lends === true);
    return true;
  }

  /** What was written to the leg is out. */
  resume(): void {
    this.settled();
  }

  end(): void {}

  release(): Duplex {
    throw new TypeError("a sink is not released");
  }

  protected startReading(): void {}
  protected stopReading(): void {}
  protected close(): void {}
}
