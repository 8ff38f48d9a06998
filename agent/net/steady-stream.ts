import { Duplex } from "node:stream";

/**
 * Any stream as the floor under Node's TLS or HTTP/2: one stream of another HTTP/2 connection, one channel of SSH. As soon as the floor
 * closes, Node drops what TLS has decrypted and nobody has read yet; and such streams close by themselves once both directions have
 * ended, or when the far side is in a hurry. This one stays open until whoever stands on it destroys it (steady-stream.test.ts).
 */
export class SteadyStream extends Duplex {
  /** As a socket counts them: a handshake that heard nothing has another story than one that was refused. */
  bytesRead = 0;
  readonly #below: Duplex;

  /** `below` is paused and nobody listens to it; it is owned from here on. `unread` was read from it and comes first. */
  constructor(below: Duplex, unread?: Buffer) {
    super({ allowHalfOpen: true, autoDestroy: false });
    this.#below = below;
    below.on("data", (chunk: Buffer) => this.#take(chunk));
    below.on("end", () => this.push(null));
    below.on("error", (cause: Error) => this.#broken(cause));
    below.on("close", () => this.#broken());
    below.pause();
    if (unread !== undefined) this.#take(unread);
    // What happened before we listened is not told again.
    if (below.readableEnded) this.push(null);
    else if (below.destroyed) this.#broken();
  }

  override _read(): void {
    this.#below.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (cause?: Error | null) => void): void {
    this.#below.write(chunk, callback);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: (cause?: Error | null) => void): void {
    this.#below.cork();
    for (const [at, { chunk }] of chunks.entries()) {
      if (at === chunks.length - 1) this.#below.write(chunk, callback);
      else this.#below.write(chunk);
    }
    this.#below.uncork();
  }

  override _final(callback: (cause?: Error | null) => void): void {
    this.#below.end(callback);
  }

  override _destroy(cause: Error | null, callback: (cause?: Error | null) => void): void {
    this.#below.destroy();
    callback(cause);
  }

  #take(chunk: Buffer): void {
    this.bytesRead += chunk.length;
    if (!this.push(chunk)) this.#below.pause();
  }

  /** INVARIANT: what came before a clean end is read to that end, whatever happens to the floor; writing then fails by itself. */
  #broken(cause?: Error): void {
    if (this.#below.readableEnded) return;
    this.destroy(cause ?? Object.assign(new Error("the connection was broken off"), { code: "ECONNRESET" }));
  }
}
