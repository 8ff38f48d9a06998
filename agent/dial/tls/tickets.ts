import { createHash, type X509Certificate } from "node:crypto";
import type { Clock } from "../../base/index.ts";

/** A TLS session that can be resumed, and the certificate that was verified when it began: a resumption verifies nothing again. */
export interface Ticket {
  readonly session: Buffer;
  readonly peer: X509Certificate;
}

export interface TicketsOptions {
  readonly clock: Pick<Clock, "now">;
}

/** Newest first; servers that take each ticket once only give two at a time. */
const KEPT_FOR_EACH = 4;
const MOST_KEYS = 256;
/** A ticket outlives neither this nor the server's certificate: who would renew its trust in between is then asked again. */
const LONGEST_LIFE_MS = 60 * 60_000;

interface Kept extends Ticket {
  readonly until: number;
}

/**
 * Sessions in memory, by everything that trust depends on. SECURITY: a ticket is a bearer secret of the identity that it was made
 * with. It is never written anywhere, and `flush` forgets all.
 */
export class Tickets {
  readonly #clock: Pick<Clock, "now">;
  readonly #byKey = new Map<string, Kept[]>();
  #era = 0;

  constructor({ clock }: TicketsOptions) {
    this.#clock = clock;
  }

  /** The newest that is still good. It stays: whether a server takes a ticket twice, only a try tells. */
  newest(key: string): Ticket | undefined {
    const kept = this.#byKey.get(key);
    if (kept === undefined) return undefined;
    const now = this.#clock.now();
    while (kept.length > 0 && (kept[0]?.until ?? 0) <= now) kept.shift();
    return kept[0];
  }

  keep(key: string, ticket: Ticket): void {
    const now = this.#clock.now();
    const until = Math.min(now + LONGEST_LIFE_MS, ticket.peer.validToDate.getTime());
    if (until <= now) return;
    const kept = this.#byKey.get(key) ?? [];
    this.#byKey.delete(key);
    this.#byKey.set(key, [{ ...ticket, until }, ...kept].slice(0, KEPT_FOR_EACH));
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > MOST_KEYS && oldest !== undefined) this.#byKey.delete(oldest);
  }

  /** The server did not take it. */
  drop(key: string, ticket: Ticket): void {
    const kept = this.#byKey.get(key)?.filter(({ session }) => session !== ticket.session);
    if (kept === undefined || kept.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, kept);
  }

  /** Part of every key: what a handshake of an earlier era leaves behind is found by nobody of this one. */
  get era(): number {
    return this.#era;
  }

  flush(): void {
    this.#era += 1;
    this.#byKey.clear();
  }
}

/** One key for everything that trust depends on. A hash, so that nothing of it lies about in memory twice. */
export function ticketKey(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
