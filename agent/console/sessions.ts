import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../base/index.ts";
import type { Caller } from "../contract/index.ts";

/** One browser that came through a link. */
export interface Session {
  readonly caller: Caller;
  readonly endsAt: number;
  /** Streams that end with the session. */
  readonly streams: Set<() => void>;
}

export interface Sessions {
  /** A token that opens one session, once. */
  createLink(caller: Caller): { readonly token: string; readonly expiresAt: number };
  /** Trade a link's token for a session's. */
  redeem(token: string): string | undefined;
  find(token: string): Session | undefined;
  /** Whether this was a session that is over, and no guess. */
  isOver(token: string): boolean;
  endAll(): void;
}

const linkMs = 60_000;
const sessionMs = 12 * 3_600_000;
/** More than a person has browsers; the oldest goes. */
const maxSessions = 8;

/** SECURITY: only digests are kept, so that no look at the agent's memory or a lookup's time gives a token away. */
export function createSessions(clock: Clock): Sessions {
  const links = new Map<string, { readonly caller: Caller; readonly expiresAt: number }>();
  const sessions = new Map<string, Session>();
  const over = new Set<string>();

  const end = (key: string) => {
    const session = sessions.get(key);
    if (session === undefined) return;
    sessions.delete(key);
    keepNewest(over, maxSessions - 1);
    over.add(key);
    for (const close of session.streams) close();
  };

  return {
    createLink(caller) {
      keepNewest(links, maxSessions - 1);
      const token = createToken();
      links.set(digest(token), { caller, expiresAt: clock.monotonic() + linkMs });
      return { token, expiresAt: clock.now() + linkMs };
    },
    redeem(token) {
      const link = links.get(digest(token));
      links.delete(digest(token));
      if (link === undefined || clock.monotonic() > link.expiresAt) return undefined;
      const oldest = sessions.keys().next().value;
      if (sessions.size >= maxSessions && oldest !== undefined) end(oldest);
      const session = createToken();
      sessions.set(digest(session), { caller: link.caller, endsAt: clock.monotonic() + sessionMs, streams: new Set() });
      return session;
    },
    find(token) {
      const key = digest(token);
      const session = sessions.get(key);
      if (session !== undefined && clock.monotonic() > session.endsAt) end(key);
      return sessions.get(key);
    },
    isOver: (token) => over.has(digest(token)),
    endAll() {
      links.clear();
      for (const key of sessions.keys()) end(key);
    },
  };
}

/** 256 bits in 43 letters. */
function createToken(): string {
  return randomBytes(32).toString("base64url");
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

function keepNewest(kept: { readonly size: number; keys(): IterableIterator<string>; delete(key: string): boolean }, count: number): void {
  for (const key of kept.keys()) {
    if (kept.size <= count) return;
    kept.delete(key);
  }
}
