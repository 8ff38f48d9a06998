import type { Duplex } from "node:stream";
import type { Gathered } from "./gathered.ts";
import { kernel } from "./kernel.ts";

/** The leg that reads. */
export interface DirectReader {
  /** What it has read from until now. */
  readonly stream: Duplex;
  /** Whether bytes are wanted now. */
  isReading(): boolean;
  /** So many bytes came. False: nobody wants them any more. */
  came(count: number): boolean;
}

/** What lies below a TLSSocket or a stream of HTTP/2, as far as it is used here. */
interface ReadingHandle {
  reading: boolean;
  onread: (this: ReadingHandle, ...given: unknown[]) => Uint8Array | undefined;
  readStart(): number;
  readStop(): number;
  useUserBuffer(buffer: Uint8Array): void;
}

/**
 * The bytes of a stream no longer pass through it: the runtime puts them into a large buffer of ours, without a chunk and memory of its own
 * for each record or frame, and the stream hears only how they end.
 */
export class DirectReading {
  readonly #handle: ReadingHandle;

  private constructor(handle: ReadingHandle) {
    this.#handle = handle;
  }

  /**
   * Take over from the stream. Undefined where handles are not to be touched, or have another form: everything goes on through the stream.
   */
  static over(handle: unknown, gathered: Gathered, reader: DirectReader): DirectReading | undefined {
    if (kernel === undefined || !isReadingHandle(handle)) return undefined;
    const { stream } = reader;
    // What the stream holds already comes first.
    while (stream.read() !== null);
    if (stream.destroyed) return undefined;
    const { readResult } = kernel;
    const usual = handle.onread;
    handle.useUserBuffer(gathered.room());
    handle.onread = function (...given) {
      const count = readResult();
      if (count <= 0) return usual.apply(this, given);
      if (!reader.came(count)) return undefined;
      gathered.put(count);
      return gathered.room();
    };
    const direct = new DirectReading(handle);
    // Of a stream of HTTP/2 the runtime does not keep this note.
    const isReading = reader.isReading();
    handle.reading = !isReading;
    if (isReading) direct.start();
    else direct.stop();
    return direct;
  }

  /** A stream whose bytes do not pass through it does not start its handle again by itself. */
  start(): void {
    if (this.#handle.reading) return;
    this.#handle.reading = true;
    this.#handle.readStart();
  }

  stop(): void {
    if (!this.#handle.reading) return;
    this.#handle.reading = false;
    this.#handle.readStop();
  }
}

function isReadingHandle(handle: unknown): handle is ReadingHandle {
  if (typeof handle !== "object" || handle === null) return false;
  const { onread, readStart, readStop, useUserBuffer } = handle as Partial<ReadingHandle>;
  return [onread, readStart, readStop, useUserBuffer].every((one) => typeof one === "function");
}
