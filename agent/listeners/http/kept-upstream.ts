import type { Route } from "../../connection/index.ts";
import type { Upstream } from "../../net/index.ts";

/**
 * A way out between two requests of one client connection. It watches the server: one that closes, or speaks without being asked, is not
 * used again.
 */
export class KeptUpstream {
  readonly upstream: Upstream;
  readonly #host: string;
  readonly #port: number;
  #isIdle = true;
  #isGone = false;

  constructor(upstream: Upstream, host: string, port: number) {
    this.upstream = upstream;
    this.#host = host;
    this.#port = port;
    const speaks = () => this.#forget();
    upstream.leg.peek().then(speaks, speaks);
  }

  /** The upstream, if it leads along one of these routes and is still good; it is no longer kept then. */
  take(routes: readonly Route[]): Upstream | undefined {
    if (this.#isGone || this.upstream.leg.closed) return undefined;
    const { backend } = this.upstream;
    const leadsThere = routes.some((route) => route.backend === backend && route.host === this.#host && route.port === this.#port);
    if (!leadsThere) return undefined;
    this.#isIdle = false;
    return this.upstream;
  }

  /** Let go of it, unless it was taken. */
  destroy(): void {
    if (this.#isIdle) this.upstream.leg.destroy();
  }

  /** The pending look at its next byte ends with the answer to the request that took it, and then means nothing. */
  #forget(): void {
    if (!this.#isIdle) return;
    this.#isGone = true;
    this.upstream.leg.destroy();
  }
}
