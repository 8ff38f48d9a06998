import type { Socket } from "node:net";
import { borrowLarge, copyOfShared, giveBackLarge, keepScratch, shared } from "./buffers.ts";
import { endOfFile, type Handle, type Kernel, type ShutdownRequest, type SocketName, type WriteRequest } from "./kernel.ts";
import type { Address } from "./leg.ts";
import { LegBase } from "./leg-base.ts";
import { socketOver } from "./released-socket.ts";

/** Reads that must fill the shared buffer in a row before a leg gets a large one, and small reads before it gives it back. */
const HOT_AFTER = 2;
const CALM_AFTER = 8;
const SMALL_READ = 8 * 1024;

/** A leg on a bare kernel socket. */
export class HandleLeg extends LegBase {
  readonly lends = true;
  private readonly kernel: Kernel;
  private readonly handle: Handle;
  private large: Buffer | undefined;
  private fullReads = 0;
  private calmReads = 0;
  private reading = false;
  /** Writes and a FIN that the kernel has not taken. */
  private pending = 0;
  private sentEnd = false;
  /** A write of bytes in `large` is under way. */
  private largeInFlight = false;
  private released: Socket | undefined;
  private remoteName: Address | undefined;
  private localName: Address | undefined;

  constructor(kernel: Kernel, handle: Handle, localName?: Address) {
    super();
    this.kernel = kernel;
    this.handle = handle;
    this.localName = localName;
    handle.leg = this;
    handle.onread = onRead;
    handle.useUserBuffer(shared);
    handle.setNoDelay?.(true);
  }

  get fd(): number {
    return this.closed ? -1 : this.handle.fd;
  }

  get queuedBytes(): number {
    return this.closed ? 0 : this.handle.writeQueueSize;
  }

  get flushed(): boolean {
    return this.pending === 0;
  }

  get remote(): Address | undefined {
    if (this.remoteName === undefined && !this.closed) this.remoteName = nameOf((out) => this.handle.getpeername?.(out) ?? -1);
    return this.remoteName;
  }

  get local(): Address | undefined {
    if (this.localName === undefined && !this.closed) this.localName = nameOf((out) => this.handle.getsockname?.(out) ?? -1);
    return this.localName;
  }

  /** For the runtime's callback: the result of one read. What it returns is read into next. */
  received(): Uint8Array | undefined {
    if (this.closed) return undefined;
    const result = this.kernel.readResult();
    if (result > 0) {
      this.bytesRead += result;
      return this.partner === undefined ? this.receivedHead(result) : this.receivedPayload(result, this.partner);
    }
    if (result === 0) return undefined;
    this.reading = false;
    if (result === endOfFile) this.readEnded("ended");
    else this.broken();
    return undefined;
  }

  forward(bytes: Uint8Array, source: LegBase | undefined): boolean {
    if (this.closed) return true;
    this.bytesWritten += bytes.length;
    const outcome = this.handle.writeBuffer(null, bytes);
    if (outcome === 0) return true;
    if (typeof outcome === "number") {
      this.broken();
      return true;
    }
    outcome.buffer = bytes;
    outcome.leg = this;
    outcome.source = source;
    outcome.oncomplete = onWritten;
    this.pending += 1;
    return false;
  }

  /** For the runtime's callback: a write that had to wait is out. */
  written(status: number, source: LegBase | undefined): void {
    this.pending -= 1;
    if (status < 0 && !this.closed) this.broken();
    source?.resume();
    if (this.pending === 0 && !this.closed) this.allFlushed();
  }

  resume(): void {
    this.largeInFlight = false;
    if (this.closed) this.dropLarge();
    else if (this.readEnd === undefined) this.startReading();
  }

  end(): void {
    if (this.closed || this.sentEnd) return;
    this.sentEnd = true;
    const request = new this.kernel.ShutdownRequest();
    request.leg = this;
    request.oncomplete = onShutdown;
    this.pending += 1;
    if (this.handle.shutdown(request) !== 0) this.ended();
  }

  /** For the runtime's callback: our FIN is out, or can no longer be sent, which the reading side will tell. */
  ended(): void {
    this.pending -= 1;
    if (this.pending === 0 && !this.closed) this.allFlushed();
  }

  release(): Socket {
    if (this.released !== undefined) return this.released;
    const ended = this.readEnd;
    this.stopReading();
    const unread = this.leave();
    const socket = socketOver(this.handle, shared);
    this.released = socket;
    if (unread !== undefined) socket.unshift(unread);
    if (ended === "ended") socket.push(null);
    else if (ended !== undefined) socket.destroy();
    const keeper = this.keeper;
    if (keeper !== undefined) socket.once("close", () => keeper.legGone(this));
    return socket;
  }

  override destroy(): void {
    if (this.released !== undefined) this.released.destroy();
    else super.destroy();
  }

  protected startReading(): void {
    if (this.reading || this.closed || this.readEnd !== undefined) return;
    this.reading = true;
    this.handle.readStart();
  }

  protected stopReading(): void {
    if (!this.reading) return;
    this.reading = false;
    this.handle.readStop();
  }

  protected close(reset: boolean): void {
    // A reset is refused by the system while a FIN is on its way; then closing must do.
    if (!(reset && this.handle.reset !== undefined && !this.sentEnd && this.handle.reset() === 0)) this.handle.close();
    if (!this.largeInFlight) this.dropLarge();
  }

  private receivedHead(count: number): undefined {
    this.keep(Buffer.from(shared.subarray(0, count)));
    return undefined;
  }

  private receivedPayload(count: number, partner: LegBase): Uint8Array | undefined {
    const large = this.large;
    if (large !== undefined) return this.receivedBulk(count, large, partner);
    if (!partner.forward(copyOfShared(count), this)) {
      keepScratch();
      this.stopReading();
    }
    if (count < shared.length) {
      this.fullReads = 0;
      return undefined;
    }
    this.fullReads += 1;
    if (this.fullReads < HOT_AFTER || this.closed) return undefined;
    this.fullReads = 0;
    this.calmReads = 0;
    this.large = borrowLarge();
    return this.large;
  }

  private receivedBulk(count: number, large: Buffer, partner: LegBase): Uint8Array | undefined {
    const free = partner.forward(count === large.length ? large : large.subarray(0, count), this);
    if (!free) {
      this.largeInFlight = true;
      this.stopReading();
    }
    if (count >= SMALL_READ) {
      this.calmReads = 0;
      return undefined;
    }
    this.calmReads += 1;
    if (this.calmReads < CALM_AFTER || !free || this.closed) return undefined;
    this.dropLarge();
    return shared;
  }

  private dropLarge(): void {
    if (this.large === undefined) return;
    giveBackLarge(this.large);
    this.large = undefined;
  }

  protected override broken(): void {
    this.stopReading();
    super.broken();
  }
}

function onRead(this: Handle): Uint8Array | undefined {
  return (this.leg as HandleLeg).received();
}

function onWritten(this: WriteRequest, status: number): void {
  (this.leg as HandleLeg).written(status, this.source as LegBase | undefined);
}

function onShutdown(this: ShutdownRequest): void {
  (this.leg as HandleLeg).ended();
}

function nameOf(ask: (out: SocketName) => number): Address | undefined {
  const out: SocketName = {};
  if (ask(out) !== 0 || out.address === undefined) return undefined;
  return { address: out.address, port: out.port ?? 0 };
}
