import type { X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import { AgentError, type Clock, formatCause, Leash } from "../base/index.ts";
import type { FailureCode } from "../connection/index.ts";
import { type Address, formatAddress, type Leg, LegEnded, StreamLeg, type Upstream, type Wheel } from "../net/index.ts";
import { type Dialler, type DialFailure, dialFailed, type DialOptions } from "./dialler.ts";
import { inTime } from "./in-time.ts";
import { PersonWait } from "./person-wait.ts";
import { diagnoseTls } from "./tls/diagnose-tls.ts";

/** A secured connection; not one byte of payload was sent or read. */
export interface Secured {
  readonly stream: Duplex;
  /** The certificate by which the server was recognised, by this connection or by the one whose session it resumes. */
  readonly peer?: X509Certificate | undefined;
  /** The protocol that both sides agreed on (ALPN); undefined without. */
  readonly alpn?: string | undefined;
}

/**
 * TLS with one server: whom to trust, which identity to show and what is kept for the next time are settled already. What it stands on, a
 * socket or any other stream, is owned from here on: closed when this rejects. Rejects with AgentError.
 */
export interface Secure {
  (below: Duplex, again?: OpenAgain): Promise<Secured>;
  /**
   * What a person must do before a server is worth connecting to: one that waits for a PIN hangs up sooner or later. Cheap when nothing
   * has to be done. Rejects with AgentError.
   */
  readonly ready?: () => Promise<void>;
  /** Tells when a handshake waits for a person. */
  readonly person?: PersonWait;
}

/** One more connection to the same server, for a handshake that cannot be finished on the first. Rejects with AgentError. */
export type OpenAgain = () => Promise<Duplex>;

/** A server on the way out, and how to get at it. */
export interface Server {
  readonly address: { readonly host: string; readonly port: number };
  /** Opens the connection to the server itself: directly, or through another way out. */
  readonly reach: Dialler;
  /** Present: the server is spoken to inside TLS. */
  readonly secure?: Secure;
  /** Tells when a person is waited for, in the server's own protocol or in TLS; that of `secure` when absent. */
  readonly person?: PersonWait;
  /** The protocol that both sides must have agreed on inside TLS (ALPN). */
  readonly alpn?: string;
  readonly clock: Clock;
  readonly wheel: Wheel;
}

/**
 * What is done first with a connection to the server, in its own protocol. A failure closes the connection. Rejects with LegEnded when
 * the server goes away in the middle, with AgentError for what has a name.
 */
export type Use<T> = (leg: Leg) => Promise<T | DialFailure>;

export interface ReachOptions extends Pick<DialOptions, "connectMs" | "leash"> {
  /** The way out for which this is done. */
  readonly backend: string;
}

/** A connection to the server that was put to use. `leg`: what carries it, TLS included. `remote`: what was reached. */
export interface ServerReached<T> {
  readonly kind: "reached";
  readonly used: T;
  readonly leg: Leg;
  readonly remote: Address;
}

/** Connect to the server, secure the connection when wanted, and put it to use, all within the time to connect. */
export async function reachServer<T extends { readonly kind: "open" }>(
  server: Server,
  use: Use<T>,
  options: ReachOptions,
): Promise<ServerReached<T> | DialFailure> {
  const { address, reach, clock, wheel } = server;
  const { backend, leash, connectMs } = options;
  const unready = await makeReady(server, leash);
  if (unready !== undefined) return unready;
  const startedAt = clock.monotonic();
  const reached = await reach.dial({ backend, ...address }, { connectMs, leash, admit: anyAddress });
  if (reached.kind === "failed") return leash.code === undefined ? unreachable(server, reached) : reached;
  const attempt = new Attempt(reached.upstream, use, { server, backend, connectMs });
  return inTime(attempt.run(), {
    wheel,
    leash,
    connectMs: connectMs - (clock.monotonic() - startedAt),
    abort: () => attempt.abort(),
    late: () => attempt.late(),
    person: server.person ?? server.secure?.person,
  });
}

/** Longer than anybody is asked for a PIN, three times over. */
const READY_MS = 200_000;

async function makeReady(server: Server, leash: Leash): Promise<DialFailure | undefined> {
  const { ready } = server.secure ?? {};
  const person = server.person ?? server.secure?.person ?? new PersonWait();
  if (ready === undefined) return undefined;
  const work = ready().then(
    () => undefined,
    (cause: unknown) => {
      if (cause instanceof AgentError) return dialFailed(cause.code, cause.detail);
      throw cause;
    },
  );
  person.begin();
  try {
    const late = (): DialFailure => dialFailed("IDENTITY_TIMEOUT", "nobody answered");
    return await inTime(work, { wheel: server.wheel, leash, connectMs: READY_MS, abort: () => undefined, late });
  } finally {
    person.end();
  }
}

/** The server's address was written by whoever configured it; the policy judges destinations. */
const anyAddress = (): boolean => true;

interface AttemptOptions {
  readonly server: Server;
  readonly backend: string;
  readonly connectMs: number;
}

/** One connection to the server being put to use. */
class Attempt<T extends { readonly kind: "open" }> {
  readonly #reached: Upstream;
  readonly #use: Use<T>;
  readonly #options: AttemptOptions;
  #leg: Leg;
  #isAborted = false;
  #isSecuring = false;
  /** TLS 1.3 servers judge our certificate after the handshake: what they say then arrives with the first reading. */
  #lateTrouble: Error | undefined;

  constructor(reached: Upstream, use: Use<T>, options: AttemptOptions) {
    this.#reached = reached;
    this.#leg = reached.leg;
    this.#use = use;
    this.#options = options;
  }

  abort(): void {
    this.#isAborted = true;
    this.#leg.destroy();
  }

  late(): DialFailure {
    const { server } = this.#options;
    if (!this.#isSecuring) return down(server, "it did not answer in time");
    return { ...named(server, dialFailed("TLS_TIMEOUT", "the handshake did not end in time")), isBackendDown: true };
  }

  async run(): Promise<ServerReached<T> | DialFailure> {
    try {
      await this.#secure();
      const used = await this.#use(this.#leg);
      if (used.kind === "open" && !this.#isAborted) return { kind: "reached", used, leg: this.#leg, remote: this.#reached.remote };
      this.#leg.destroy();
      return used.kind === "failed" ? named(this.#options.server, used) : dialFailed("INTERNAL", "given up");
    } catch (cause) {
      this.#leg.destroy();
      return this.#failure(cause);
    }
  }

  async #secure(): Promise<void> {
    const { secure, alpn: wanted } = this.#options.server;
    if (secure === undefined) return;
    this.#isSecuring = true;
    const { stream, alpn } = await secure(this.#leg.release(), () => this.#reachAgain());
    this.#isSecuring = false;
    stream.on("error", (cause: Error) => {
      this.#lateTrouble ??= cause;
    });
    this.#leg = new StreamLeg(stream);
    if (this.#isAborted) this.#leg.destroy();
    if (wanted !== undefined && alpn !== wanted)
      throw new AgentError("TLS_ALPN", `the server does not offer \`${wanted}\`${alpn === undefined ? "" : `, but \`${alpn}\``}`);
  }

  async #reachAgain(): Promise<Duplex> {
    if (this.#isAborted) throw new AgentError("DIAL_TIMEOUT", "given up");
    const { server, backend, connectMs } = this.#options;
    // A leash of its own: the caller's is being watched for the whole attempt, and has room for one watcher.
    const again = await server.reach.dial({ backend, ...server.address }, { connectMs, leash: new Leash(), admit: anyAddress });
    if (again.kind === "failed") throw new AgentError(again.code, again.detail);
    return again.upstream.leg.release();
  }

  #failure(cause: unknown): DialFailure {
    const { server } = this.#options;
    if (cause instanceof AgentError) return { ...named(server, dialFailed(cause.code, cause.detail)), isBackendDown: !isOurs(cause.code) };
    if (!(cause instanceof LegEnded)) throw cause;
    if (this.#lateTrouble === undefined) return down(server, formatCause(cause));
    const { code, detail } = diagnoseTls(this.#lateTrouble);
    return { ...named(server, dialFailed(code, detail)), isBackendDown: true };
  }
}

/** The server can do nothing for a key of ours that does not sign. */
const isOurs = (code: FailureCode): boolean => code.startsWith("IDENTITY_");

function unreachable(server: Server, { code, detail }: DialFailure): DialFailure {
  // Our own lack of resources, and a loop, are not the server's failures.
  if (code === "DIAL_RESOURCES" || code === "DIAL_LOOP") return named(server, dialFailed(code, detail));
  return down(server, detail);
}

/** The server does not do its work, whatever was asked of it. */
export function down(server: Pick<Server, "address">, detail: string): DialFailure {
  return { ...named(server, dialFailed("DIAL_BACKEND_DOWN", detail)), isBackendDown: true };
}

/** Whoever reads the detail must see at which machine it happened. */
export function named({ address }: Pick<Server, "address">, failure: DialFailure): DialFailure {
  return { ...failure, detail: `${formatAddress({ address: address.host, port: address.port })}: ${failure.detail}` };
}
