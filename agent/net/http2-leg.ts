import type { Http2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { DirectReading } from "./direct-reading.ts";
import { Gathered } from "./gathered.ts";
import type { Address } from "./leg.ts";
import { LegBase } from "./leg-base.ts";
import { SteadyStream } from "./steady-stream.ts";

/** Codes of RFC 9113 section 7. The runtime's own table would load all of `node:http2`. */
const NO_ERROR = 0x00;
const CANCEL = 0x08;
const CONNECT_ERROR = 0x0a;

/** Up to here bytes that are only lent are copied, so that their source may read on; larger pieces are sent from where they lie. */
const COPIED_BYTES = 64 * 1024;
/** Beyond this many bytes that HTTP/2 has not taken, the source rests. */
const QUEUED_BYTES = 256 * 1024;

/** Where the connection that carries a stream comes from and where it arrived. */
export interface StreamEnds {
  readonly remote: Address | undefined;
  readonly local: Address | undefined;
}

/**
 * A leg on one stream of HTTP/2, of either side. END_STREAM is its FIN and RST_STREAM its reset, with CONNECT_ERROR as RFC 9113 section 8.5
 * wants it; flow control of the stream is its back-pressure.
 *
 * SECURITY: the runtime lets a stream that was broken off end like a complete one; here it counts as broken off (http2-leg.test.ts).
 */
export class Http2Leg extends LegBase {
  /** What is gathered lies in a buffer that is used again. */
  readonly lends = true;
  readonly fd = -1;
  readonly remote: Address | undefined;
  readonly local: Address | undefined;
  private readonly stream: Http2Stream;
  /** Frames hold at most 16 KB; those of one turn are passed on together. */
  private readonly gathered = new Gathered((bytes) => this.passOn(bytes));
  /** Set once bytes no longer pass through the stream. */
  private direct: DirectReading | undefined;
  private pending = 0;
  private sentEnd = false;
  private reading = false;
  private released: Duplex | undefined;
  private isCutOff = false;
  private isFinishing = false;
  /** Nobody waits for its end: what was written last is left to the connection, as the kernel does for a socket. */
  private isLeftAlone = false;
  /** Rests until the queue is short again, and how often it was told to. */
  private resting: LegBase | undefined;
  private rests = 0;

  /** Owns the stream from here on. */
  constructor(stream: Http2Stream, ends: StreamEnds) {
    super();
    this.stream = stream;
    this.remote = ends.remote;
    this.local = ends.local;
    stream.on("data", this.onData);
    stream.on("end", this.onEnd);
    stream.on("aborted", this.onAborted);
    stream.on("error", this.onBroken);
    stream.on("close", this.onClose);
    stream.pause();
  }

  get queuedBytes(): number {
    return this.closed ? 0 : this.stream.writableLength;
  }

  get flushed(): boolean {
    return this.pending === 0;
  }

  forward(bytes: Uint8Array, source: LegBase | undefined): boolean {
    const { stream } = this;
    if (this.closed || stream.destroyed) return true;
    this.bytesWritten += bytes.length;
    this.pending += 1;
    if (source?.lends === true && bytes.length > COPIED_BYTES) {
      stream.write(bytes, () => this.writtenFor(source));
      return false;
    }
    stream.write(source?.lends === true ? Buffer.from(bytes) : bytes, this.written);
    if (source === undefined || stream.writableLength <= QUEUED_BYTES) return true;
    this.resting = source;
    this.rests += 1;
    return false;
  }

  resume(): void {
    this.gathered.settled();
    // INVARIANT: to read on gives the peer all of its window again, so nothing of the last one may rest (http2-bulk.test.ts).
    if (this.readEnd === undefined && this.gathered.isFree) this.startReading();
  }

  override begin(): void {
    super.begin();
    if (this.readEnd === undefined && !this.closed && !this.stream.destroyed) this.readIntoRoom();
  }

  end(): void {
    if (this.closed || this.sentEnd) return;
    this.sentEnd = true;
    this.pending += 1;
    this.stream.end(this.written);
  }

  /** A peer that still sends is told that nobody listens any more, without making an error of it (RFC 9113 section 8.1). */
  override finish(): void {
    this.isLeftAlone = this.keeper === undefined;
    this.isFinishing = true;
    super.finish();
  }

  release(): Duplex {
    if (this.released !== undefined) return this.released;
    const unread = this.leave();
    const { stream, keeper } = this;
    stream.off("data", this.onData);
    stream.off("end", this.onEnd);
    stream.off("aborted", this.onAborted);
    stream.off("error", this.onBroken);
    stream.off("close", this.onClose);
    this.released = new SteadyStream(stream, unread);
    if (keeper !== undefined) stream.once("close", () => keeper.legGone(this));
    return this.released;
  }

  override destroy(): void {
    if (this.released === undefined) super.destroy();
    else this.released.destroy();
  }

  protected startReading(): void {
    if (this.reading || this.closed) return;
    this.reading = true;
    if (this.direct === undefined) this.stream.resume();
    else if (!this.stream.destroyed) this.direct.start();
  }

  protected stopReading(): void {
    this.reading = false;
    if (this.direct === undefined) this.stream.pause();
    else if (!this.stream.destroyed) this.direct.stop();
  }

  protected close(reset: boolean): void {
    const { stream } = this;
    this.gathered.drop();
    if (stream.closed) stream.destroy();
    else if (reset) breakOff(stream, CONNECT_ERROR);
    else if (this.isLeftAlone) stream.close(NO_ERROR);
    else if (this.readEnd === "ended" && this.flushed) stream.end();
    else breakOff(stream, CANCEL);
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.closed) return;
    this.bytesRead += chunk.length;
    if (this.partner === undefined) this.keep(chunk);
    else if (this.gathered.wants(chunk)) this.gathered.add(chunk);
    else this.gathered.pass(chunk);
  };

  /**
   * From here on the runtime puts frames together in our own buffer. Passed through the stream, each was an object that kept alive the memory
   * of what the connection had read: a quarter of all work was to collect it.
   */
  private readIntoRoom(): void {
    const { stream, gathered, came } = this;
    this.direct = DirectReading.over(handleOf(stream), gathered, { stream, came, isReading: () => this.reading });
  }

  private readonly came = (count: number): boolean => {
    if (this.closed) return false;
    this.bytesRead += count;
    return true;
  };

  private passOn(bytes: Uint8Array): boolean {
    const isFree = this.partner === undefined || this.partner.forward(bytes, this);
    if (!isFree) this.stopReading();
    return isFree;
  }

  /** A peer that has said everything may stop listening (RFC 9113 section 8.1): what it said is complete. */
  private readonly onAborted = (): void => {
    this.isCutOff = this.stream.rstCode !== NO_ERROR || !hasSaidAll(this.stream);
    if (this.isCutOff) this.broken();
  };

  private readonly onEnd = (): void => {
    if (this.isCutOff || this.stream.rstCode !== NO_ERROR) return this.broken();
    this.gathered.release();
    this.readEnded("ended");
  };

  private readonly onBroken = (): void => this.broken();

  private readonly onClose = (): void => {
    // After a clean end of both directions the close is only the echo of it.
    if (this.readEnd === undefined || !this.stream.writableFinished || this.stream.rstCode !== NO_ERROR) this.broken();
  };

  /**
   * SECURITY: of a stream that is broken off the runtime says that its bytes are out while the connection may still be sending them. Their
   * buffer is then never said to be free: another tunnel's bytes would lie in it, and be sent to this one's client.
   */
  private writtenFor(source: LegBase): void {
    const isOut = !this.stream.destroyed;
    this.written();
    if (isOut) source.resume();
  }

  private readonly written = (): void => {
    this.pending -= 1;
    const { resting } = this;
    if (resting !== undefined && this.stream.writableLength <= QUEUED_BYTES / 2) {
      this.resting = undefined;
      for (; this.rests > 0; this.rests -= 1) resting.resume();
    }
    if (this.pending > 0 || this.closed) return;
    this.allFlushed();
    if (this.isFinishing && !this.closed && !hasSaidAll(this.stream)) this.stream.close(NO_ERROR);
  };
}

/**
 * RST_STREAM and nothing before it. SECURITY: the runtime's `close` first ends the stream, and what was cut short arrives as complete; a
 * stream whose `end` does nothing is only reset (http2-leg.test.ts).
 */
export function breakOff(stream: Http2Stream, code: number): void {
  stream.end = () => stream;
  stream.close(code);
}

/** Whether END_STREAM has come, though not all before it may have been read. Only the runtime's own state tells; without it: no. */
function hasSaidAll(stream: Http2Stream & { readonly _readableState?: { readonly ended?: boolean } }): boolean {
  return stream._readableState?.ended === true;
}

/** The runtime keeps it under a symbol of its own. */
function handleOf(stream: Http2Stream): unknown {
  const key = Object.getOwnPropertySymbols(stream).find(({ description }) => description === "kHandle");
  return key === undefined ? undefined : (stream as unknown as Record<symbol, unknown>)[key];
}
