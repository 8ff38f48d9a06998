import type { Duplex } from "node:stream";
import { type Address, type Leg, type LegEnd, LegEnded } from "./leg.ts";

/** What a leg tells the splice that it is part of. */
export interface LegWatcher {
  /** The peer of `leg` ended cleanly; everything it sent was passed on. */
  legEnded(leg: LegBase): void;
  /** All that was written to `leg`, and its FIN if there was one, is out. */
  legFlushed(leg: LegBase): void;
  legReset(leg: LegBase): void;
}

/** Who must know when a leg is gone: the acceptor that counts it. */
export interface LegKeeper {
  legGone(leg: LegBase): void;
  /** Destroy the leg if it is still there a few seconds from now. */
  linger(leg: LegBase): void;
}

/** Unread bytes are held up to here while nobody asks for them; then reading stops until somebody does. */
const UNREAD_LIMIT = 64 * 1024;

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * What every leg does alike: the head reader, the unread bytes, who is told about its end. How bytes really move is left to
 * `HandleLeg` (bare kernel sockets) and `StreamLeg` (any Duplex).
 */
export abstract class LegBase implements Leg {
  bytesRead = 0;
  bytesWritten = 0;
  closed = false;
  /** How reading ended; undefined while it goes on. */
  readEnd: LegEnd | undefined;
  /** Where bytes go once spliced. */
  partner: LegBase | undefined;
  watcher: LegWatcher | undefined;
  keeper: LegKeeper | undefined;
  protected unreadBytes: Buffer | undefined;
  private waiter: (() => void) | undefined;
  private drainWaiter: (() => void) | undefined;
  private gone: (() => void) | undefined;
  private discarding = false;

  /** What it forwards lies in a buffer that is used again, see `forward`. */
  abstract readonly lends: boolean;
  abstract readonly fd: number;
  abstract readonly remote: Address | undefined;
  abstract readonly local: Address | undefined;
  abstract readonly queuedBytes: number;
  abstract end(): void;
  abstract release(): Duplex;
  protected abstract startReading(): void;
  protected abstract stopReading(): void;
  protected abstract close(reset: boolean): void;
  /**
   * Send bytes that belong to `source`'s buffer. True: they are out, or copied, and the buffer is free. False: the buffer must rest until
   * `source.resume()` is called.
   */
  abstract forward(bytes: Uint8Array, source: LegBase | undefined): boolean;
  /** The bytes that could not be forwarded at once are out: read on. */
  abstract resume(): void;
  /** Nothing that was written, FIN included, is still waiting. */
  abstract readonly flushed: boolean;

  take(count: number): Promise<Buffer> {
    const here = this.tryTake(count);
    return here === undefined ? this.takeLater(count) : Promise.resolve(here);
  }

  tryTake(count: number): Buffer | undefined {
    return this.unreadLength >= count ? this.consume(count) : undefined;
  }

  async peek(): Promise<number> {
    for (;;) {
      const first = this.unreadBytes?.[0];
      if (first !== undefined) return first;
      await this.more();
    }
  }

  async readUntil(delimiter: string, max: number): Promise<Buffer | undefined> {
    const needle = Buffer.from(delimiter, "latin1");
    let from = 0;
    for (;;) {
      const unread = this.unreadBytes ?? EMPTY;
      const at = unread.indexOf(needle, from);
      if (at >= 0 && at + needle.length <= max) return this.consume(at + needle.length);
      if (at >= 0 || unread.length >= max) return undefined;
      // The delimiter may have begun in the bytes that are here.
      from = Math.max(0, unread.length - needle.length + 1);
      await this.more();
    }
  }

  async readSome(): Promise<Buffer> {
    while (this.unreadLength === 0) {
      if (this.readEnd === "ended") return EMPTY;
      await this.more(true);
    }
    return this.consume(this.unreadLength);
  }

  unread(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.unreadBytes = this.unreadBytes === undefined ? bytes : Buffer.concat([bytes, this.unreadBytes]);
  }

  write(bytes: Uint8Array | string): void {
    if (this.closed) return;
    const view = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    if (view.length > 0) this.forward(view, undefined);
  }

  drained(): Promise<void> {
    if (this.closed || this.flushed) return Promise.resolve();
    return new Promise((resolve) => {
      this.drainWaiter = resolve;
    });
  }

  destroy(): void {
    this.finishClose(false);
  }

  /** Like destroy, but the peer sees that the connection was broken off and did not end. */
  abort(): void {
    this.finishClose(true);
  }

  finish(): void {
    if (this.closed) return;
    this.end();
    if (this.readEnd !== undefined && this.flushed) {
      this.destroy();
      return;
    }
    this.discarding = true;
    this.unreadBytes = undefined;
    if (this.keeper === undefined) this.destroy();
    else this.keeper.linger(this);
    if (!this.closed) this.startReading();
  }

  onGone(gone: (() => void) | undefined): void {
    this.gone = gone;
    if (gone !== undefined && this.readEnd === "reset") this.tellGone();
  }

  /** Take part in a splice: bytes go to `partner` from now on, those unread first. */
  join(partner: LegBase, watcher: LegWatcher): void {
    this.partner = partner;
    this.watcher = watcher;
    this.gone = undefined;
  }

  /** After both legs have joined. */
  begin(): void {
    const unread = this.unreadBytes;
    this.unreadBytes = undefined;
    const free = unread === undefined || this.partner === undefined || this.partner.forward(unread, this);
    if (this.readEnd === "ended") this.watcher?.legEnded(this);
    else if (this.readEnd === "reset") this.watcher?.legReset(this);
    else if (free) this.startReading();
    else this.stopReading();
  }

  /** Bytes that are here and were not consumed. */
  get unreadLength(): number {
    return this.unreadBytes === undefined ? 0 : this.unreadBytes.length;
  }

  /** For subclasses: bytes arrived outside a splice; `bytes` is private to us. */
  protected keep(bytes: Buffer): void {
    if (this.discarding) return;
    this.unreadBytes = this.unreadBytes === undefined ? bytes : Buffer.concat([this.unreadBytes, bytes]);
    if (this.waiter !== undefined) this.wake();
    else if (this.unreadBytes.length >= UNREAD_LIMIT) this.stopReading();
  }

  /** For subclasses: nothing more will arrive. */
  protected readEnded(how: LegEnd): void {
    if (this.readEnd !== undefined) return;
    this.readEnd = how;
    if (this.watcher !== undefined) {
      if (how === "ended") this.watcher.legEnded(this);
      else if (how === "reset") this.watcher.legReset(this);
      return;
    }
    this.wake();
    if (this.discarding && (how !== "ended" || this.flushed)) this.destroy();
    else if (how === "reset") this.tellGone();
  }

  /** For subclasses: broken off. A peer that ended first and breaks off later still ends the splice: it takes nothing more. */
  protected broken(): void {
    if (this.readEnd === "ended" && this.watcher !== undefined) this.watcher.legReset(this);
    else this.readEnded("reset");
  }

  /** For subclasses: everything written is out. */
  protected allFlushed(): void {
    this.tellDrained();
    if (this.watcher !== undefined) this.watcher.legFlushed(this);
    else if (this.discarding && this.readEnd !== undefined) this.destroy();
  }

  /** For subclasses that were released: the reader, if any, learns that this leg has no more to give. */
  protected leave(): Buffer | undefined {
    const unread = this.unreadBytes;
    this.unreadBytes = undefined;
    this.closed = true;
    this.gone = undefined;
    return unread;
  }

  private async takeLater(count: number): Promise<Buffer> {
    for (;;) {
      await this.more();
      const here = this.tryTake(count);
      if (here !== undefined) return here;
    }
  }

  private more(endIsFine = false): Promise<void> {
    if (this.readEnd !== undefined) {
      if (endIsFine && this.readEnd === "ended") return Promise.resolve();
      return Promise.reject(new LegEnded(this.readEnd));
    }
    this.startReading();
    return new Promise<void>((resolve) => {
      this.waiter = resolve;
    });
  }

  private consume(count: number): Buffer {
    const unread = this.unreadBytes ?? EMPTY;
    if (count === unread.length) {
      this.unreadBytes = undefined;
      return unread;
    }
    this.unreadBytes = unread.subarray(count);
    return unread.subarray(0, count);
  }

  private wake(): void {
    const waiter = this.waiter;
    this.waiter = undefined;
    waiter?.();
  }

  private tellDrained(): void {
    const drained = this.drainWaiter;
    this.drainWaiter = undefined;
    drained?.();
  }

  private tellGone(): void {
    const gone = this.gone;
    this.gone = undefined;
    gone?.();
  }

  private finishClose(reset: boolean): void {
    if (this.closed) return;
    this.closed = true;
    this.readEnd ??= "closed";
    this.partner = undefined;
    this.watcher = undefined;
    this.gone = undefined;
    this.unreadBytes = undefined;
    this.close(reset);
    this.wake();
    this.tellDrained();
    const keeper = this.keeper;
    this.keeper = undefined;
    keeper?.legGone(this);
  }
}
