import type { Snapshot } from "../config/index.ts";
import type { SharedServer } from "../dial/index.ts";

/** Servers that many tunnels share. They outlive a reload that leaves the ways out as they are. */
export class SharedServers {
  #kept = new Map<string, SharedServer>();
  #madeFor: string | undefined;

  /** What a snapshot that comes into force needs, made or kept; the others take no more tunnels. */
  replace(snapshot: Snapshot, make: (share: Share) => void): void {
    const madeFor = describeWays(snapshot);
    const before = this.#madeFor === madeFor ? this.#kept : new Map<string, SharedServer>();
    const now = new Map<string, SharedServer>();
    make((name, create) => {
      const server = before.get(name) ?? create();
      now.set(name, server);
      return server;
    });
    for (const [name, server] of this.#kept) if (now.get(name) !== server) server.retire();
    this.#kept = now;
    this.#madeFor = madeFor;
  }

  /** What is open carries no new tunnels. */
  renew(): void {
    for (const server of this.#kept.values()) server.renew();
  }

  close(): void {
    for (const server of this.#kept.values()) server.close();
  }
}

/** The server of a backend: the one that is there, or a new one. */
export type Share = (backend: string, create: () => SharedServer) => SharedServer;

/** Everything that a way out is made of: certificates by what they say and not by their names. */
function describeWays({ config, pem }: Snapshot): string {
  return JSON.stringify([config.backends, config.identities, config.resolver, [...pem]]);
}
