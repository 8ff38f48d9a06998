import type { Channel, Client } from "ssh2";
import type { Leash } from "../base/index.ts";
import type { Route } from "../connection/index.ts";
import type { Carrier, CarrierWatcher, Tunnel } from "../dial/index.ts";
import { type Floor, StreamLeg } from "../net/index.ts";
import { channelFailure, type ChannelRefusal } from "./channel-failure.ts";
import { ChannelStream } from "./channel-stream.ts";

/** More on one connection would starve each other. */
const MOST_TUNNELS = 1000;

/** The library copies into its packets before it calls bytes taken, and gives them out in pieces of 32 KB. */
const channelTraits = { keepsBytes: false, givesPieces: true, givesAway: true };

/** One connection of SSH with its channels of type direct-tcpip (RFC 4254 section 7.2). */
export class SshCarrier implements Carrier {
  tunnels = 0;
  readonly #client: Client;
  readonly #floor: Floor;
  readonly #watcher: CarrierWatcher;
  readonly #streams = new Set<ChannelStream>();
  #isRetired = false;
  #isGone = false;

  /** The client has logged in. It and the floor are owned from here on. */
  constructor(client: Client, floor: Floor, watcher: CarrierWatcher) {
    this.#client = client;
    this.#floor = floor;
    this.#watcher = watcher;
    client.on("error", () => this.destroy());
    // SECURITY: before the library hears of it: it would end the channels as if all had been said.
    floor.prependListener("end", () => this.destroy());
    floor.prependListener("close", () => this.#gone());
  }

  get room(): number {
    return this.#isRetired || this.#isGone ? 0 : MOST_TUNNELS - this.tunnels;
  }

  open({ host, port }: Route, giveUp: Leash): Promise<Tunnel> {
    this.tunnels += 1;
    return new Promise((resolve) => {
      let isWanted = true;
      giveUp.watch(() => {
        isWanted = false;
      });
      // RFC 4254 section 7.2 wants to know where the connection comes from; nobody out there has to.
      this.#client.forwardOut("127.0.0.1", 0, host, port, (refusal, channel) => {
        giveUp.watch(undefined);
        if (channel === undefined) {
          this.#ended();
          return resolve(channelFailure(refusal as ChannelRefusal));
        }
        const stream = this.#follow(channel);
        if (!isWanted) stream.destroy();
        resolve({ kind: "open", leg: new StreamLeg(stream, undefined, channelTraits) });
      });
    });
  }

  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    if (this.tunnels === 0) this.#client.end();
  }

  destroy(): void {
    // The channels first: what the library does to them when the connection goes looks like a clean end.
    for (const stream of this.#streams) stream.breakOff();
    this.#floor.destroy();
  }

  #follow(channel: Channel): ChannelStream {
    const stream = new ChannelStream(channel, this.#floor);
    this.#streams.add(stream);
    stream.once("close", () => {
      this.#streams.delete(stream);
      this.#ended();
    });
    return stream;
  }

  #ended(): void {
    this.tunnels -= 1;
    if (this.#isGone) return;
    if (this.#isRetired && this.tunnels === 0) this.#client.end();
    else this.#watcher.changed();
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const stream of this.#streams) stream.breakOff();
    this.#watcher.gone();
  }
}
