import { borrowLarge, giveBackLarge, shared } from "./buffers.ts";

/** The largest record of TLS (RFC 8446 section 5.1). */
const RECORD_BYTES = 16 * 1024;
/** From here on a piece is worth gathering; smaller ones are somebody's keystrokes. */
const WORTH_BYTES = 4096;
/** Flushes below this in a row before the large buffer is given back. Each of many streams that share a connection has little in a turn. */
const CALM_BYTES = 8 * 1024;
const CALM_AFTER = 8;

/**
 * Pieces of one stream collected in a large buffer until the end of the event loop's turn: TLS gives its bytes out in records of at most
 * 16 KB, and passing on each by itself costs one system call for each.
 */
export class Gathered {
  private readonly flush: (bytes: Uint8Array) => boolean;
  private buffer: Buffer | undefined;
  private filled = 0;
  /** The room that was asked for last; until the next one it may be written to. */
  private lent: Uint8Array | undefined;
  private calmFlushes = 0;
  private scheduled: NodeJS.Immediate | undefined;
  private inFlight = false;
  /** What rests at the sender, in order: large buffers of ours, and nothing for each other piece. */
  private readonly resting: (Buffer | undefined)[] = [];

  /** `flush` sends; true: the bytes are out, false: they rest until {@link settled}. */
  constructor(flush: (bytes: Uint8Array) => boolean) {
    this.flush = flush;
  }

  /** Whether this piece goes through here; one that does not may be passed on at once, order is kept. */
  wants(piece: Uint8Array): boolean {
    return this.filled > 0 || this.inFlight || piece.length >= WORTH_BYTES;
  }

  /** Send a piece that is not worth gathering. True: it is out. */
  pass(piece: Uint8Array): boolean {
    if (this.flush(piece)) return true;
    this.rest(undefined);
    return false;
  }

  /** Take a copy. False: no more until {@link settled}. */
  add(piece: Uint8Array): boolean {
    let at = 0;
    while (at < piece.length) {
      this.buffer ??= borrowLarge();
      const count = Math.min(piece.length - at, this.buffer.length - this.filled);
      this.buffer.set(count === piece.length ? piece : piece.subarray(at, at + count), this.filled);
      this.filled += count;
      at += count;
      if (this.filled === this.buffer.length) this.release();
    }
    if (this.filled > 0) this.schedule();
    return !this.inFlight;
  }

  /**
   * Where the next record may be put without a copy: behind what is gathered, or, while nothing is, into the buffer that all share.
   * What was put there is told by {@link put} before anything else happens. It is ours until the next call.
   */
  room(): Uint8Array {
    if (this.buffer !== undefined && this.buffer.length - this.filled < RECORD_BYTES) this.release();
    if (this.buffer !== undefined && this.filled === 0 && this.calmFlushes >= CALM_AFTER) {
      giveBackLarge(this.buffer);
      this.buffer = undefined;
    }
    this.lent = this.buffer === undefined ? shared : this.buffer.subarray(this.filled);
    return this.lent;
  }

  /** So many bytes were put into the room. They are sent at once when they are few and nothing waits. */
  put(count: number): void {
    const { buffer, lent = shared } = this;
    const isBehind = buffer !== undefined && lent.buffer === buffer.buffer && lent.byteOffset === buffer.byteOffset + this.filled;
    if (isBehind && this.wants(lent.subarray(0, count))) {
      this.filled += count;
      this.schedule();
      return;
    }
    // Sent at the end of a turn, what was gathered has left the room further back than the next bytes belong.
    const piece = lent.subarray(0, count);
    if (this.wants(piece)) this.add(piece);
    else this.pass(Buffer.from(piece));
  }

  /** Send what is here. True: nothing of it waits. */
  release(): boolean {
    this.unschedule();
    const { buffer, filled } = this;
    if (buffer === undefined || filled === 0) return !this.inFlight;
    this.filled = 0;
    this.buffer = undefined;
    this.calmFlushes = filled < CALM_BYTES ? this.calmFlushes + 1 : 0;
    if (!this.flush(buffer.subarray(0, filled))) {
      // The buffer is the sender's now; whoever needs one meanwhile borrows another.
      this.rest(buffer);
      return false;
    }
    // INVARIANT: a buffer whose room is lent is given back by `room` only: somebody may be told to write there (tls-bulk.test.ts).
    if (this.calmFlushes >= CALM_AFTER && this.lent === undefined) giveBackLarge(buffer);
    else this.buffer = buffer;
    return true;
  }

  /** What rested longest is out. INVARIANT: called once for each time that the flush was false, in the same order. */
  settled(): void {
    const out = this.resting.shift();
    if (out !== undefined && out.buffer !== this.lent?.buffer) giveBackLarge(out);
    this.inFlight = this.resting.length > 0;
    if (this.filled > 0) this.schedule();
  }

  /** Nothing rests at the sender. */
  get isFree(): boolean {
    return !this.inFlight;
  }

  /** Forget everything: the stream is gone. */
  drop(): void {
    this.unschedule();
    if (this.buffer !== undefined && this.lent === undefined) giveBackLarge(this.buffer);
    this.buffer = undefined;
    this.filled = 0;
  }

  private readonly turnEnded = (): void => {
    this.scheduled = undefined;
    if (!this.inFlight) this.release();
  };

  /** While something rests at the sender, each turn's bytes would hold another buffer there: they stay in this one until it is full. */
  private schedule(): void {
    if (!this.inFlight) this.scheduled ??= setImmediate(this.turnEnded);
  }

  private rest(buffer: Buffer | undefined): void {
    this.inFlight = true;
    this.resting.push(buffer);
  }

  private unschedule(): void {
    if (this.scheduled !== undefined) clearImmediate(this.scheduled);
    this.scheduled = undefined;
  }
}
