import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { createSecureContext, type SecureContext } from "node:tls";
import { AgentError, type Clock } from "../../base/index.ts";
import type { KeyStore } from "../key-store.ts";
import { resume } from "./resume.ts";
import type { Sessions } from "./sessions.ts";
import { ThreadHandshake } from "./thread-handshake.ts";
import type { ThreadPool } from "./thread-pool.ts";
import type { TlsConnection, TlsIdentity, TlsTarget } from "./tls-identity.ts";

export interface TokenTlsOptions {
  readonly store: KeyStore;
  readonly pool: ThreadPool;
  readonly sessions: Sessions;
  readonly clock: Clock;
}

/** A person who looks for a token and its PIN needs a while; servers wait about a minute. */
const handshakeMs = 90_000;
/** A server that does not resume is asked again for it after this. */
const unresumableMs = 10 * 60_000;
const contextsAtMost = 64;
/** Servers that serve one connection at a time (openssl s_server) do not answer the second while the first is open. */
const homeMs = 2000;

/**
 * TLS with a key that may sleep in a token. The first connection to a server shakes hands in a thread; those that come at the same time
 * wait for it, and all later ones come back with its tickets on the main thread, where they cost what any TLS costs.
 */
export class TokenTls implements TlsIdentity {
  readonly name: string;
  readonly #options: TokenTlsOptions;
  readonly #shaking = new Map<string, Promise<unknown>>();
  readonly #unresumable = new Map<string, number>();
  readonly #contexts = new Map<string, SecureContext>();

  constructor(options: TokenTlsOptions) {
    this.name = options.store.name;
    this.#options = options;
  }

  async ready(target: TlsTarget): Promise<void> {
    const { store, sessions } = this.#options;
    if (sessions.newest(sessionKeyOf(target)) === undefined) await store.open();
  }

  async connectTls(socket: Duplex, target: TlsTarget): Promise<TlsConnection> {
    try {
      return await this.#connect(socket, target);
    } catch (cause) {
      socket.destroy();
      throw cause;
    }
  }

  async #connect(socket: Duplex, target: TlsTarget): Promise<TlsConnection> {
    const key = sessionKeyOf(target);
    let current = socket;
    const known = await this.#comeBack(current, target, key);
    if (known === "refused") current = await this.#again(target);
    else if (known !== "no ticket") return known;

    const running = this.#shaking.get(key);
    if (running !== undefined && !this.#isUnresumable(key)) {
      // What went wrong with the key for one went wrong for all: nobody is asked twice for the same thing.
      await whilePersonActs(target, () =>
        running.catch((cause: unknown) => {
          if (cause instanceof AgentError) throw cause;
        }),
      );
      const now = await this.#comeBack(current, target, key);
      if (now === "refused") current = await this.#again(target);
      else if (now !== "no ticket") return now;
    }
    const shaking = this.#shakeHands(current, target, key);
    this.#shaking.set(key, shaking);
    try {
      return await shaking;
    } finally {
      if (this.#shaking.get(key) === shaking) this.#shaking.delete(key);
    }
  }

  /** After a refused ticket the key is needed: whatever a person must do for it is done before the server is connected to again. */
  async #again(target: TlsTarget): Promise<Duplex> {
    await whilePersonActs(target, () => this.#options.store.open());
    return reopen(target);
  }

  async #comeBack(socket: Duplex, target: TlsTarget, key: string, timeoutMs?: number): Promise<TlsConnection | "refused" | "no ticket"> {
    const { sessions, clock } = this.#options;
    const kept = sessions.newest(key);
    if (kept === undefined || socket.destroyed) return "no ticket";
    const { peer } = kept;
    const { era } = sessions;
    const why = target.checkPeer?.(peer, target.serverName);
    if (why !== undefined) throw why;
    const onSession = (session: Buffer): void => sessions.keep(key, { session, peer }, era);
    const resumed = await resume(socket, {
      context: this.#contextFor(target, key),
      target,
      kept,
      clock,
      onSession,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    if (resumed === undefined) {
      sessions.drop(key);
      return "refused";
    }
    const { tls, protocol, alpn } = resumed;
    return { stream: tls, protocol, alpn, resumed: true, peer, carriedBy: "main" };
  }

  async #shakeHands(socket: Duplex, target: TlsTarget, key: string): Promise<TlsConnection> {
    const { store, pool, sessions, clock } = this.#options;
    const { era } = sessions;
    const own = await whilePersonActs(target, () => store.open());
    // Other handshakes may be waiting for a touch, and hold all threads.
    const thread = await whilePersonActs(target, () => pool.acquire());
    const timeoutMs = target.timeoutMs ?? handshakeMs;
    const early: Buffer[] = [];
    let keep = (session: Buffer): void => {
      early.push(session);
    };
    const hands = new ThreadHandshake(thread, socket, { pool, clock, key: own, target, timeoutMs, onSession: (session) => keep(session) });
    const stopTimer = clock.after(timeoutMs, () => hands.abandon());
    try {
      const { protocol, alpn, peer } = await hands.shaken();
      const why = target.checkPeer?.(peer, target.serverName);
      if (why !== undefined) throw why;
      keep = (session) => sessions.keep(key, { session, peer }, era);
      for (const session of early) keep(session);
      const mainThread = await this.#bringHome(hands, target, key);
      if (mainThread !== undefined) return mainThread;
      const stream = hands.carry();
      if (stream === undefined)
        throw new AgentError("DIAL_RESOURCES", `too many connections with identity \`${this.name}\` to servers that give no tickets`);
      return { stream, protocol, alpn, resumed: false, peer, carriedBy: "worker" };
    } catch (cause) {
      hands.abandon();
      throw cause;
    } finally {
      stopTimer();
    }
  }

  /** Tickets that just arrived bring the connection to the main thread. Undefined: it stays where it is. */
  async #bringHome(hands: ThreadHandshake, target: TlsTarget, key: string): Promise<TlsConnection | undefined> {
    const isWorthIt = target.reopen !== undefined && !this.#isUnresumable(key);
    if (!(await hands.hasTickets()) || !isWorthIt) return undefined;
    const second = await reopen(target).catch(() => undefined);
    if (second === undefined) return undefined;
    const home = await this.#comeBack(second, target, key, homeMs);
    if (typeof home !== "string") {
      void hands.end();
      return home;
    }
    // It gives tickets and does not take them (nginx without a cache does): not tried again for a while.
    this.#unresumable.set(key, this.#options.clock.monotonic() + unresumableMs);
    return undefined;
  }

  #isUnresumable(key: string): boolean {
    const until = this.#unresumable.get(key);
    if (until === undefined) return false;
    if (this.#options.clock.monotonic() < until) return true;
    this.#unresumable.delete(key);
    return false;
  }

  /** Trust and versions of the main thread's side. No certificate of ours: a resumption needs none, and anything else is refused. */
  #contextFor({ ca, crl, minVersion, maxVersion }: TlsTarget, key: string): SecureContext {
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const context = createSecureContext({
      minVersion: minVersion ?? "TLSv1.2",
      maxVersion: maxVersion ?? "TLSv1.3",
      ...(ca === undefined ? {} : { ca: [...ca] }),
      ...(crl === undefined ? {} : { crl: [...crl] }),
    });
    this.#contexts.set(key, context);
    const [oldest] = this.#contexts.keys();
    if (this.#contexts.size > contextsAtMost && oldest !== undefined) this.#contexts.delete(oldest);
    return context;
  }
}

/** SECURITY: a resumed session is not verified again, so nothing that its trust depended on may differ. */
function sessionKeyOf({ sessionKey, serverName, ca, crl, alpn, minVersion, maxVersion }: TlsTarget): string {
  return createHash("sha256")
    .update(JSON.stringify([sessionKey, serverName, ca, crl, alpn, minVersion, maxVersion]))
    .digest("base64");
}

async function whilePersonActs<T>({ person }: TlsTarget, act: () => Promise<T>): Promise<T> {
  person?.begin();
  try {
    return await act();
  } finally {
    person?.end();
  }
}

async function reopen({ reopen: open }: TlsTarget): Promise<Duplex> {
  if (open === undefined)
    throw new AgentError("DIAL_RESET", "the server did not take the ticket of an earlier connection; nothing was sent");
  return open();
}
