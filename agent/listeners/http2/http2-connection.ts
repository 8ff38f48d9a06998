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
    if (!reception.drain.hasBegun) reception.drain.onBegin(this.#retire);
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
    if (this.#streams.size > 0) return;
    if (this.#isRetired) this.#cutSoon();
    else if (reception.drain.hasBegun || arrival.admission.kind === "refused") this.#retire();
    else reception.wheel.arm(this.#patience, reception.deadlines.keepAliveMs);
  }

  #wearOut(): void {
    if (this.#hasServed) return this.#retire();
    this.#turnAway("HANDSHAKE_TIMEOUT", "no stream was opened in time");
    this.#session?.destroy();
  }

  /**
   * GOAWAY: what is under way goes on, and whatever the client asks from now on it must ask on another connection (RFC 9113 section 6.8),
   * where it is told why nothing is served, or served by who comes after us.
   */
  readonly #retire = (): void => {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#session?.close();
    if (this.#streams.size === 0) this.#cutSoon();
  };

  #cutSoon(): void {
    const { reception, socket } = this.#options;
    if (!socket.destroyed) reception.wheel.arm(new WheelEntry(() => socket.destroy()), LINGER_MS);
  }

  #turnAway(code: FailureCode, detail: string): void {
    const { reception, arrival } = this.#options;
    turnAway(reception, arrival, { protocol: "h2", code, detail });
  }

  #closed(): void {
    const { reception, socket } = this.#options;
    this.#isRetired = true;
    reception.wheel.disarm(this.#patience);
    reception.drain.forget(this.#retire);
    for (const leg of this.#streams) leg.destroy();
    socket.destroy();
  }
}
