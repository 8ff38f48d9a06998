import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { formatCause } from "../../base/index.ts";
import type { FailureCode } from "../../contract/index.ts";
import { Http2Leg, type StreamEnds, WheelEntry } from "../../net/index.ts";
import type { Arrival, Reception } from "../reception.ts";
import { turnAway } from "../turn-away.ts";
import { serveStream } from "./serve-stream.ts";
import { connectionWindow } from "./session-bounds.ts";

export interface Http2ConnectionOptions {
  readonly reception: Reception;
  readonly arrival: Arrival;
  /** What carries the session; owned by it from here on. */
  readonly socket: Duplex;
  readonly ends: StreamEnds;
}

const NO_ERROR = 0x00;
/** RFC 9113 section 6.8: says that the end is near, and that all that is under way is still served. */
const ANY_STREAM = 2 ** 31 - 1;
/** For a client that was told to go and does not. */
const LINGER_MS = 5000;

/** The streams of one client connection, which know nothing of each other. */
export class Http2Connection {
  readonly #options: Http2ConnectionOptions;
  /** While there is no stream. A connection that never opened one has less time. */
  readonly #patience = new WheelEntry(() => this.#wearOut());
  readonly #streams = new Set<Http2Leg>();
  #session: ServerHttp2Session | undefined;
  #hasServed = false;
  #isRetired = false;

  constructor(options: Http2ConnectionOptions) {
    this.#options = options;
  }

  serve(session: ServerHttp2Session): void {
    const { reception, socket } = this.#options;
    this.#session = session;
    session.setLocalWindowSize(connectionWindow);
    session.on("stream", (stream, _headers, flags, raw: readonly string[]) => this.#open(stream, raw, (flags & 1) === 1));
    session.on("error", (cause) => this.#turnAway("HTTP_BAD_REQUEST", `HTTP/2: ${formatCause(cause)}`));
    session.on("close", () => this.#closed());
    // It can no longer give us room to send, nor acknowledge anything: half of a connection is none.
    socket.on("end", () => session.destroy());
    reception.wheel.arm(this.#patience, reception.deadlines.handshakeMs);
    if (!reception.drain.hasBegun) reception.drain.onBegin(this.#drain);
  }

  #open(stream: ServerHttp2Stream, raw: readonly string[], isEnded: boolean): void {
    const { reception, arrival, ends } = this.#options;
    this.#hasServed = true;
    reception.wheel.disarm(this.#patience);
    const leg = new Http2Leg(stream, ends);
    this.#streams.add(leg);
    const isCrowded = !reception.crowd.enter();
    leg.keeper = {
      legGone: () => this.#left(leg),
      linger: (late) => reception.wheel.arm(new WheelEntry(() => late.destroy()), LINGER_MS),
    };
    try {
      serveStream({ reception, arrival, stream, leg, raw, isEnded, isCrowded });
    } catch (cause) {
      this.#turnAway("INTERNAL", formatCause(cause));
      leg.abort();
    }
  }

  #left(leg: Http2Leg): void {
    const { reception, arrival } = this.#options;
    this.#streams.delete(leg);
    reception.crowd.leave();
    if (this.#streams.size > 0 || this.#isRetired) return;
    if (reception.drain.hasBegun || arrival.admission.kind === "refused") this.#retire();
    else reception.wheel.arm(this.#patience, reception.deadlines.keepAliveMs);
  }

  /** What is under way goes on; who still asks is told why nothing is served. */
  readonly #drain = (): void => {
    if (this.#streams.size === 0) this.#retire();
    else this.#session?.goaway(NO_ERROR, ANY_STREAM);
  };

  #wearOut(): void {
    if (!this.#hasServed) this.#turnAway("HANDSHAKE_TIMEOUT", "no stream was opened in time");
    this.#retire();
  }

  #retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    const { reception, socket } = this.#options;
    this.#session?.close();
    reception.wheel.arm(new WheelEntry(() => socket.destroy()), LINGER_MS);
  }

  #turnAway(code: FailureCode, detail: string): void {
    const { reception, arrival } = this.#options;
    turnAway(reception, arrival, { protocol: "h2", code, detail });
  }

  #closed(): void {
    const { reception, socket } = this.#options;
    this.#isRetired = true;
    reception.wheel.disarm(this.#patience);
    reception.drain.forget(this.#drain);
    for (const leg of this.#streams) leg.destroy();
    socket.destroy();
  }
}
