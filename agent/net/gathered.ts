import { borrowLarge, giveBackLarge } from "./buffers.ts";

/** From here on a piece is worth gathering; smaller ones are somebody's keystrokes. */
const WORTH_BYTES = 4096;
/** Flushes below this in a row before the large buffer is given back. */
const CALM_BYTES = 64 * 1024;
const CALM_AFTER = 8;

/**
 * Pieces of one stream collected in a large buffer until the end of the event loop's turn: TLS gives its bytes out in records of at most
 * 16 KB, and passing on each by itself costs one system call for each.
 */
export class Gathered {
  private readonly flush: (bytes: Uint8Array) => boolean;
  private buffer: Buffer | undefined;
  private filled = 0;
  private calmFlushes = 0;
  private scheduled: NodeJS.Immediate | undefined;
  private inFlight = false;

  /** `flush` sends; true: the bytes are out, false: they rest until {@link settled}. */
  constructor(flush: (bytes: Uint8Array) => boolean) {
    this.flush = flush;
  }

  /** Whether this piece goes through here; one that does not may be passed on at once, order is kept. */
  wants(piece: Uint8Array): boolean {
    return this.filled > 0 || piece.length >= WORTH_BYTES;
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
    if (this.filled > 0) this.scheduled ??= setImmediate(this.turnEnded);
    return !this.inFlight;
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
      this.inFlight = true;
      return false;
    }
    if (this.calmFlushes >= CALM_AFTER) giveBackLarge(buffer);
    else this.buffer = buffer;
    return true;
  }

  /** What rested is out. */
  settled(): void {
    this.inFlight = false;
  }

  /** Forget everything: the stream is gone. */
  drop(): void {
    this.unschedule();
    if (this.buffer !== undefined) giveBackLarge(this.buffer);
    this.buffer = undefined;
    this.filled = 0;
  }

  private readonly turnEnded = (): void => {
    this.scheduled = undefined;
    this.release();
  };

  private unschedule(): void {
    if (this.scheduled !== undefined) clearImmediate(this.scheduled);
    this.scheduled = undefined;
  }
}
