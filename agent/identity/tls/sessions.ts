import type { X509Certificate } from "node:crypto";
import type { Clock } from "../../base/index.ts";

/** What a server gave us to come back with, and whom it belongs to. */
export interface KeptSession {
  readonly session: Buffer;
  /** The certificate that was verified when the session began: a resumed one shows none. */
  readonly peer: X509Certificate;
}

interface Kept extends KeptSession {
  readonly at: number;
}

const perServer = 4;
const servers = 256;
/** Servers that were tested never look at a client certificate again; so we do not rely on one for longer than this. */
const longestMs = 60 * 60 * 1000;

/**
 * Tickets of one identity.
 *
 * SECURITY: a ticket is a bearer secret for the identity, good from any machine. It lives in memory only: never on disk, never in a log.
 */
export class Sessions {
  readonly #clock: Pick<Clock, "now">;
  readonly #kept = new Map<string, Kept[]>();
  #era = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  /** Changes with every flush. */
  get era(): number {
    return this.#era;
  }

  /** `era` is that of when the connection began: what a server sends on one from before a flush is not kept. */
  keep(key: string, { session, peer }: KeptSession, era: number): void {
    if (era !== this.#era) return void session.fill(0);
    const list = this.#kept.get(key) ?? [];
    this.#kept.delete(key);
    this.#kept.set(key, [...list, { session, peer, at: this.#clock.now() }].slice(-perServer));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > servers && oldest !== undefined) this.drop(oldest);
  }

  /** Newest first, because servers may have taken the older ones back. */
  newest(key: string): KeptSession | undefined {
    const kept = this.#kept.get(key)?.at(-1);
    if (kept === undefined) return undefined;
    const now = this.#clock.now();
    const isOld = now - kept.at > longestMs || now < kept.at || kept.peer.validToDate.getTime() < now;
    if (isOld) this.drop(key);
    return isOld ? undefined : kept;
  }

  /** The server refused one: the others are worth no try. */
  drop(key: string): void {
    for (const { session } of this.#kept.get(key) ?? []) session.fill(0);
    this.#kept.delete(key);
  }

  /** Logout, token gone, trust changed. */
  flush(): void {
    this.#era += 1;
    for (const key of this.#kept.keys()) this.drop(key);
  }
}
