import { Duplex } from "node:stream";
import type { Channel } from "ssh2";

/** What a channel needs to know of the connection that it shares. */
export interface SharedFloor {
  /** So much waits for the network that nobody should write more. */
  readonly writableNeedDrain: boolean;
  once(event: "drain", run: () => void): unknown;
  off(event: "drain", run: () => void): unknown;
}

/**
 * One channel as a stream like any other. ssh2's own ends cleanly when the connection breaks, calls bytes written that only wait for
 * the network, and takes `destroy` for a polite end; here a broken channel is an error, and who writes waits for the network.
 */
export class ChannelStream extends Duplex {
  readonly #channel: Channel;
  readonly #floor: SharedFloor;
  #resume: (() => void) | undefined;

  /** Owns the channel from here on. */
  constructor(channel: Channel, floor: SharedFloor) {
    super({ allowHalfOpen: true, autoDestroy: false });
    this.#channel = channel;
    this.#floor = floor;
    let isOver = false;
    let isCutOff = false;
    const push = channel.push;
    channel.push = (chunk: unknown, encoding?: BufferEncoding) => {
      // RFC 4254 section 5.3: who has said everything sends EOF before CLOSE. At CLOSE the library ends the stream once more.
      if (chunk === null && !isOver) isCutOff = channel.incoming.state === "closed";
      isOver ||= chunk === null;
      return push.call(channel, chunk, encoding);
    };
    channel.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on("end", () => {
      if (isCutOff) this.breakOff();
      else this.push(null);
    });
    channel.on("close", () => {
      if (!channel.readableEnded || !this.writableFinished) this.#closed(isCutOff || !channel.readableEnded);
    });
    channel.on("error", (cause: Error) => this.destroy(cause));
    channel.pause();
  }

  /** The connection below is gone, and this with it. */
  breakOff(): void {
    this.destroy(Object.assign(new Error("the connection was broken off"), { code: "ECONNRESET" }));
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (cause?: Error | null) => void): void {
    if (!this.#floor.writableNeedDrain) {
      this.#channel.write(chunk, callback);
      return;
    }
    this.#resume = () => {
      this.#resume = undefined;
      this.#channel.write(chunk, callback);
    };
    this.#floor.once("drain", this.#resume);
  }

  override _final(callback: (cause?: Error | null) => void): void {
    this.#channel.end(callback);
  }

  override _destroy(cause: Error | null, callback: (cause?: Error | null) => void): void {
    if (this.#resume !== undefined) this.#floor.off("drain", this.#resume);
    this.#channel.on("error", ignoreLate);
    this.#channel.resume();
    this.#channel.destroy();
    callback(cause);
  }

  /** A far side that ended cleanly and then closes takes nothing more; what it said is complete. */
  #closed(isBroken: boolean): void {
    if (isBroken || !this.writableFinished) this.breakOff();
    else this.destroy();
  }
}

/** The channel is given up. */
function ignoreLate(): void {}
