import type { ClientHttp2Session } from "node:http2";
import type { Duplex } from "node:stream";
import { type Wheel, WheelEntry } from "../../net/index.ts";

export interface LivenessOptions {
  readonly session: ClientHttp2Session;
  /** A socket counts its bytes; for anything else each look is a question. */
  readonly below: Duplex & { readonly bytesRead?: number; readonly bytesWritten?: number };
  readonly wheel: Wheel;
  /** The server did not answer. */
  readonly onDead: () => void;
}

/** How often a connection that is used is looked at. */
const LOOK_MS = 30_000;
/** A connection on which nothing was heard for so long is asked when a new tunnel is to be opened on it. */
const QUIET_MS = 15_000;
const ANSWER_MS = 5000;

/**
 * Finds out that a server is gone without having said so: the laptop slept, the network changed. Asked (PING, RFC 9113 section 6.7) only when
 * something was sent or is to be sent and nothing was heard; a connection at rest wakes nobody.
 */
export class Liveness {
  readonly #options: LivenessOptions;
  readonly #look = new WheelEntry(() => this.#looked());
  readonly #silence = new WheelEntry(() => this.#options.onDead());
  #isAsking = false;
  #heard = 0;
  #sent = 0;
  #heardAt: number;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#heardAt = options.wheel.now();
  }

  /** The server said something just now. */
  heard(): void {
    const { below, wheel } = this.#options;
    this.#heard = below.bytesRead ?? 0;
    this.#sent = below.bytesWritten ?? 0;
    this.#heardAt = wheel.now();
  }

  /** A tunnel is being opened. */
  used(): void {
    const { wheel } = this.#options;
    this.#note();
    if (wheel.now() - this.#heardAt > QUIET_MS) this.#ask();
    wheel.arm(this.#look, LOOK_MS);
  }

  /** No tunnel is left, or the connection is gone. */
  rest(): void {
    this.#options.wheel.disarm(this.#look);
    this.#options.wheel.disarm(this.#silence);
  }

  #looked(): void {
    const { below, wheel } = this.#options;
    if (!this.#note() && below.bytesWritten !== this.#sent) this.#ask();
    wheel.arm(this.#look, LOOK_MS);
  }

  /** Whether anything was heard since the last time. */
  #note(): boolean {
    const { bytesRead: heard = this.#heard } = this.#options.below;
    if (heard === this.#heard) return false;
    this.heard();
    return true;
  }

  #ask(): void {
    const { session, wheel } = this.#options;
    if (this.#isAsking || session.closed || session.destroyed) return;
    this.#isAsking = true;
    wheel.arm(this.#silence, ANSWER_MS);
    session.ping((cause) => {
      this.#isAsking = false;
      wheel.disarm(this.#silence);
      if (cause === null) this.heard();
    });
  }
}
