import type { ClientHttp2Session, Settings } from "node:http2";
import type { Duplex } from "node:stream";
import type { Leash } from "../../base/index.ts";
import type { Route } from "../../connection/index.ts";
import { type StreamEnds, type Wheel, WheelEntry } from "../../net/index.ts";
import type { Carrier, CarrierWatcher, Tunnel } from "../carrier.ts";
import type { ReadAuthorization } from "../http-connect.ts";
import { askTunnel, notAsked } from "./ask-tunnel.ts";
import { Liveness } from "./liveness.ts";

export interface Http2CarrierOptions {
  /** Greeted by the server. */
  readonly session: ClientHttp2Session;
  /** What carries the session. */
  readonly below: Duplex;
  readonly ends: StreamEnds;
  readonly wheel: Wheel;
  readonly watcher: CarrierWatcher;
  readonly readAuthorization: ReadAuthorization | undefined;
}

/** A server that does not close after us is not waited for. */
const LINGER_MS = 5000;

/** One connection of HTTP/2 to a proxy. */
export class Http2Carrier implements Carrier {
  tunnels = 0;
  readonly #options: Http2CarrierOptions;
  readonly #liveness: Liveness;
  readonly #linger: WheelEntry;
  /** How many the server allows. */
  #limit: number;
  #isRetired = false;
  #isGone = false;
  /** It answered a request: it worked once. */
  #hasWorked = false;

  constructor(options: Http2CarrierOptions) {
    const { session, below, wheel, watcher } = options;
    this.#options = options;
    this.#limit = limitOf(session.remoteSettings);
    this.#linger = new WheelEntry(() => below.destroy());
    this.#liveness = new Liveness({ session, below, wheel, onDead: () => this.destroy() });
    session.on("remoteSettings", (settings: Settings) => {
      this.#limit = limitOf(settings);
      if (!this.#isGone) watcher.changed();
    });
    session.once("goaway", () => {
      this.#isRetired = true;
      if (!this.#isGone) watcher.retired();
    });
    session.once("close", () => this.#gone());
    if (session.destroyed) this.#gone();
  }

  get room(): number {
    return this.#isRetired || this.#isGone ? 0 : Math.max(0, this.#limit - this.tunnels);
  }

  async open(route: Route, giveUp: Leash): Promise<Tunnel> {
    const { session, ends, readAuthorization } = this.#options;
    this.tunnels += 1;
    this.#liveness.used();
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      this.#ended();
    };
    try {
      const authorization = await readAuthorization?.();
      if (this.#isGone || session.closed || giveUp.code !== undefined) {
        over();
        return notAsked();
      }
      const tunnel = await askTunnel(session, { route, authorization, ends, giveUp, over });
      if (!session.destroyed) this.#liveness.heard();
      if (tunnel.kind === "open") this.#hasWorked = true;
      // A server that closes a connection at rest does so while a request is on its way to it.
      else if (session.destroyed && this.#hasWorked) return { ...tunnel, isRepeatable: true };
      return tunnel;
    } catch (cause) {
      over();
      throw cause;
    }
  }

  retire(): void {
    this.#isRetired = true;
    if (this.tunnels === 0) this.#closePolitely();
  }

  destroy(): void {
    this.#options.session.destroy();
    this.#options.below.destroy();
  }

  #ended(): void {
    this.tunnels -= 1;
    if (this.tunnels === 0) this.#liveness.rest();
    if (this.#isGone) return;
    if (this.#isRetired && this.tunnels === 0) this.#closePolitely();
    this.#options.watcher.changed();
  }

  #closePolitely(): void {
    this.#options.session.close();
    this.#options.wheel.arm(this.#linger, LINGER_MS);
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#liveness.rest();
    this.#options.wheel.disarm(this.#linger);
    this.#options.watcher.gone();
  }
}

/** RFC 9113 section 6.5.2: without a word there is no limit. */
function limitOf({ maxConcurrentStreams = Number.POSITIVE_INFINITY }: Settings): number {
  return maxConcurrentStreams;
}
