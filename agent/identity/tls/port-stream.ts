import { Duplex } from "node:stream";
import type { MessagePort } from "node:worker_threads";

type Frame =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** The other side has taken the bytes (or the end) that were sent last. */
  | { readonly kind: "taken" }
  | { readonly kind: "end" }
  | { readonly kind: "broken" };

/**
 * One end of a byte stream between two threads. One chunk is under way in each direction at a time, so neither thread ever holds more
 * than a chunk for a reader who does not read.
 */
export class PortStream extends Duplex {
  readonly #port: MessagePort;
  #written: ((cause?: Error | null) => void) | undefined;
  #owesTaken = false;
  #hasEnded = false;

  /**
   * `closesItself` false: it stays open when both directions have ended, until it is destroyed. Node's TLS needs that of what lies under it:
   * when that closes, it drops what it has decrypted and nobody has read yet.
   */
  constructor(port: MessagePort, { closesItself = true }: { readonly closesItself?: boolean } = {}) {
    super({ allowHalfOpen: true, autoDestroy: closesItself, readableHighWaterMark: 64 * 1024, writableHighWaterMark: 64 * 1024 });
    this.#port = port;
    port.on("message", (frame: Frame) => this.#take(frame));
    // Both ends may be over while the last bytes still wait to be read here.
    port.on("close", () => {
      if (closesItself && !(this.#hasEnded && this.writableFinished)) this.destroy(brokenOff());
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (cause?: Error | null) => void): void {
    this.#written = callback;
    this.#send({ kind: "bytes", bytes: chunk });
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: (cause?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "binary", callback);
  }

  override _read(): void {
    if (!this.#owesTaken) return;
    this.#owesTaken = false;
    this.#send({ kind: "taken" });
  }

  override _final(callback: (cause?: Error | null) => void): void {
    this.#written = callback;
    this.#send({ kind: "end" });
  }

  override _destroy(cause: Error | null, callback: (cause?: Error | null) => void): void {
    if (!(this.readableEnded && this.writableFinished)) this.#send({ kind: "broken" });
    this.#port.close();
    const written = this.#written;
    this.#written = undefined;
    written?.(cause ?? new Error("the connection was closed"));
    callback(cause);
  }

  #take(frame: Frame): void {
    switch (frame.kind) {
      case "bytes":
        if (this.push(Buffer.from(frame.bytes.buffer, frame.bytes.byteOffset, frame.bytes.byteLength))) this.#send({ kind: "taken" });
        else this.#owesTaken = true;
        return;
      case "taken": {
        const written = this.#written;
        this.#written = undefined;
        written?.();
        return;
      }
      case "end":
        this.#hasEnded = true;
        this.push(null);
        this.#send({ kind: "taken" });
        return;
      case "broken":
        this.destroy(brokenOff());
    }
  }

  #send(frame: Frame): void {
    this.#port.postMessage(frame);
  }
}

function brokenOff(): Error {
  return Object.assign(new Error("the connection was broken off"), { code: "ECONNRESET" });
}
