import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { giveBackPiece } from "./buffers.ts";
import { DirectReading } from "./direct-reading.ts";
import { Gathered } from "./gathered.ts";
import type { Address } from "./leg.ts";
import { LegBase } from "./leg-base.ts";
import { SteadyStream } from "./steady-stream.ts";

const EMPTY: Buffer = Buffer.alloc(0);

/** What a stream does with bytes; found out by its class when nothing is said. */
export interface StreamTraits {
  /** It may hand on what it was given as it is, even after it has said that the bytes are taken. Sockets, TLS included, have copied it. */
  readonly keepsBytes?: boolean;
  /** It gives out bulk in pieces that are worth putting together. */
  readonly givesPieces?: boolean;
  /** Nobody else looks at a piece that it gave out. */
  readonly givesAway?: boolean;
}

/** A leg on any stream: TLS, one stream of HTTP/2, or a plain socket where bare handles are not to be used. */
export class StreamLeg extends LegBase {
  /** What is gathered lies in a buffer that is used again. */
  readonly lends: boolean;
  private readonly stream: Duplex;
  /** A stream in memory may hand on what it was given as it is; sockets, TLS included, have copied it when they say that it is taken. */
  private readonly keepsBytes: boolean;
  private readonly localName: Address | undefined;
  /** TLS only: its records are passed on together. */
  private readonly gathered: Gathered | undefined;
  private readonly isGivenAway: boolean;
  /** Set once bytes no longer pass through the stream. */
  private direct: DirectReading | undefined;
  private pending = 0;
  private sentEnd = false;
  private released: Duplex | undefined;
  private reading = false;

  /** The stream must allow half-open; the leg owns it from here on. */
  constructor(stream: Duplex, localName?: Address, traits: StreamTraits = {}) {
    super();
    this.stream = stream;
    this.keepsBytes = traits.keepsBytes ?? !(stream instanceof Socket);
    this.localName = localName;
    const gathers = traits.givesPieces ?? stream instanceof TLSSocket;
    this.gathered = gathers ? new Gathered((bytes) => this.passOn(bytes)) : undefined;
    this.lends = this.gathered !== undefined;
    this.isGivenAway = traits.givesAway === true;
    stream.on("data", this.onData);
    stream.on("end", this.onEnd);
    stream.on("error", this.onBroken);
    stream.on("close", this.onClose);
    stream.pause();
    if (stream instanceof Socket) stream.setNoDelay(true);
  }

  get fd(): number {
    const handle = (this.stream as { _handle?: { fd?: unknown } | null })._handle;
    return typeof handle?.fd === "number" ? handle.fd : -1;
  }

  get queuedBytes(): number {
    return this.closed ? 0 : this.stream.writableLength;
  }

  get flushed(): boolean {
    return this.pending === 0;
  }

  get remote(): Address | undefined {
    const { remoteAddress, remotePort } = this.stream as Partial<Pick<Socket, "remoteAddress" | "remotePort">>;
    return remoteAddress === undefined ? undefined : { address: remoteAddress, port: remotePort ?? 0 };
  }

  get local(): Address | undefined {
    const { localAddress, localPort } = this.stream as Partial<Pick<Socket, "localAddress" | "localPort">>;
    return localAddress === undefined ? this.localName : { address: localAddress, port: localPort ?? 0 };
  }

  forward(bytes: Uint8Array, source: LegBase | undefined): boolean {
    if (this.closed || this.stream.destroyed) return true;
    this.bytesWritten += bytes.length;
    this.stream.write(this.keepsBytes && source?.lends === true ? Buffer.from(bytes) : bytes);
    // Nothing is waiting: the stream has taken the bytes, and their buffer is free again.
    if (this.stream.writableLength === 0) return true;
    this.pending += 1;
    this.stream.write(EMPTY, () => this.written(source));
    return false;
  }

  resume(): void {
    this.gathered?.settled();
    if (this.readEnd === undefined) this.startReading();
  }

  override begin(): void {
    super.begin();
    if (this.gathered !== undefined && this.readEnd === undefined && !this.closed) this.readIntoRoom(this.gathered);
  }

  end(): void {
    if (this.closed || this.sentEnd) return;
    this.sentEnd = true;
    this.pending += 1;
    this.stream.end(() => this.written(undefined));
  }

  release(): Duplex {
    if (this.released !== undefined) return this.released;
    const unread = this.leave();
    const { stream } = this;
    stream.off("data", this.onData);
    stream.off("end", this.onEnd);
    stream.off("error", this.onBroken);
    stream.off("close", this.onClose);
    stream.pause();
    this.released = stream instanceof Socket ? asItWas(stream, unread) : new SteadyStream(stream, unread);
    const keeper = this.keeper;
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
    this.stream.resume();
    this.direct?.start();
  }

  protected stopReading(): void {
    this.reading = false;
    this.stream.pause();
    this.direct?.stop();
  }

  protected close(reset: boolean): void {
    this.gathered?.drop();
    if (reset && this.stream instanceof Socket && this.stream.constructor === Socket) this.stream.resetAndDestroy();
    else this.stream.destroy();
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.closed) return;
    this.bytesRead += chunk.length;
    if (this.partner === undefined) this.keep(chunk);
    else if (this.gathered?.wants(chunk) === true) {
      this.gathered.add(chunk);
      if (this.isGivenAway) giveBackPiece(chunk);
    } else if (this.gathered === undefined) this.passOn(chunk);
    else this.gathered.pass(chunk);
  };

  /** From here on TLS decrypts into our own buffer. */
  private readIntoRoom(gathered: Gathered): void {
    const { stream, came } = this;
    const handle = (stream as { _handle?: unknown })._handle;
    this.direct = DirectReading.over(handle, gathered, { stream, came, isReading: () => this.reading });
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

  private readonly onEnd = (): void => {
    this.gathered?.release();
    this.readEnded("ended");
  };

  private readonly onBroken = (): void => this.broken();

  private readonly onClose = (): void => {
    // After a clean end of both directions the close is only the echo of it.
    if (this.readEnd === undefined || !this.stream.writableFinished) this.broken();
  };

  private written(source: LegBase | undefined): void {
    this.pending -= 1;
    source?.resume();
    if (this.pending === 0 && !this.closed) this.allFlushed();
  }
}

function asItWas(socket: Socket, unread: Buffer | undefined): Socket {
  if (unread !== undefined) socket.unshift(unread);
  // Neither flowing nor held back by us: whoever listens for data next starts it. Taking a `readable` listener off does that.
  socket.on("readable", noListener);
  socket.off("readable", noListener);
  return socket;
}

function noListener(): void {}
