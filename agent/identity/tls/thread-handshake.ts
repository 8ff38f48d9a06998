import { X509Certificate } from "node:crypto";
import { pipeline, type Duplex } from "node:stream";
import { MessageChannel, type Worker } from "node:worker_threads";
import { AgentError, type Clock, formatCause } from "../../base/index.ts";
import type { ClientKey } from "../key-store.ts";
import { PortStream } from "./port-stream.ts";
import type { FromThread, SignAnswer, ToThread } from "./thread-messages.ts";
import type { ThreadPool } from "./thread-pool.ts";
import { TlsFailed, type TlsTarget } from "./tls-identity.ts";

export interface ThreadHandshakeOptions {
  readonly pool: ThreadPool;
  readonly clock: Clock;
  readonly key: ClientKey;
  readonly target: TlsTarget;
  readonly timeoutMs: number;
  /** A ticket arrived, during the handshake or later. */
  readonly onSession: (session: Buffer) => void;
}

export interface ShakenHands {
  readonly protocol: string;
  readonly alpn: string | undefined;
  readonly peer: X509Certificate;
}

/** How long a server may take after the handshake to send tickets. They come with its last flight, so this is one round trip. */
const ticketMs = 400;

/** One full handshake in a thread, on a socket of this one. Then either `carry` or `end` it, or `abandon` it at any time. */
export class ThreadHandshake {
  readonly #options: ThreadHandshakeOptions;
  readonly #thread: Worker;
  readonly #socket: Duplex;
  readonly #net = new MessageChannel();
  readonly #plain = new MessageChannel();
  readonly #answers = new MessageChannel();
  readonly #bell = new Int32Array(new SharedArrayBuffer(4));
  readonly #shaken = Promise.withResolvers<ShakenHands>();
  readonly #over = Promise.withResolvers<void>();
  readonly #listen: (message: FromThread) => void;
  readonly #exited: () => void;
  #sessions = 0;
  #gotSession: (() => void) | undefined;
  #refusal: unknown;
  #isOver = false;

  constructor(thread: Worker, socket: Duplex, options: ThreadHandshakeOptions) {
    this.#options = options;
    this.#thread = thread;
    this.#socket = socket;
    this.#listen = (message) => this.#take(message);
    this.#exited = () => this.#end(false, new TlsFailed("ERR_THREAD", "the thread ended"));
    thread.on("message", this.#listen);
    thread.once("error", this.#exited);
    thread.once("exit", this.#exited);
    this.#shaken.promise.catch(() => undefined);
    this.#begin();
  }

  /** Rejects with AgentError when the key did not sign, else with {@link TlsFailed}. */
  shaken(): Promise<ShakenHands> {
    return this.#shaken.promise;
  }

  /** Waits for the server's tickets; false: it sends none. Rejects when the server ends the connection instead. */
  async hasTickets(): Promise<boolean> {
    if (this.#sessions > 0) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gotSession = resolve;
    const stopTimer = this.#options.clock.after(ticketMs, resolve);
    await Promise.race([promise, this.#over.promise]);
    stopTimer();
    if (this.#sessions === 0 && this.#isOver) throw new TlsFailed("ECONNRESET", "the server closed the connection after the handshake");
    return this.#sessions > 0;
  }

  /** The plaintext of this connection; undefined when too many threads carry one already. The thread is given back when it ends. */
  carry(): Duplex | undefined {
    if (this.#isOver || !this.#options.pool.keepCarrying(this.#thread)) return undefined;
    const plain = new PortStream(this.#plain.port1);
    this.#thread.ref();
    this.#tell({ kind: "carry" });
    return plain;
  }

  /** Ends it politely: without close_notify some servers would forget the session whose ticket they gave. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    const stopTimer = this.#options.clock.after(1000, () => this.abandon());
    this.#tell({ kind: "end" });
    await this.#over.promise;
    stopTimer();
  }

  /** Now, whatever it does. A thread that sleeps in a handshake wakes up for nothing else. */
  abandon(cause: Error = new TlsFailed("ETIMEDOUT", "the handshake did not end in time")): void {
    this.#end(false, cause);
  }

  #begin(): void {
    const { key, target, timeoutMs } = this.#options;
    const net = new PortStream(this.#net.port1);
    // Either may end first; whoever reads learns it from the other side.
    pipeline(this.#socket, net, () => undefined);
    pipeline(net, this.#socket, () => undefined);
    const errand = {
      net: this.#net.port2,
      plain: this.#plain.port2,
      answers: this.#answers.port2,
      bell: this.#bell,
      serverName: target.serverName,
      ca: target.ca,
      crl: target.crl,
      alpn: target.alpn,
      minVersion: target.minVersion ?? "TLSv1.2",
      maxVersion: target.maxVersion ?? "TLSv1.3",
      checksName: target.checkPeer === undefined,
      chain: key.chain.map((certificate) => certificate.toString()).join(""),
      spki: key.chain[0].publicKey.export({ type: "spki", format: "der" }),
      timeoutMs,
    } as const;
    this.#thread.postMessage({ kind: "begin", errand } satisfies ToThread, [errand.net, errand.plain, errand.answers]);
  }

  #tell(message: ToThread): void {
    this.#thread.postMessage(message);
  }

  #take(message: FromThread): void {
    switch (message.kind) {
      case "sign":
        void this.#sign(message);
        return;
      case "session":
        this.#sessions += 1;
        // SECURITY: a private copy; what arrives from another thread is no Buffer, and Node only resumes from Buffers.
        this.#options.onSession(Buffer.from(message.session));
        this.#gotSession?.();
        return;
      case "secure":
        this.#shaken.resolve({ protocol: message.protocol, alpn: message.alpn, peer: new X509Certificate(message.peer) });
        return;
      case "failed": {
        const peer = message.peer === undefined ? undefined : new X509Certificate(message.peer);
        this.#shaken.reject(this.#refusal ?? new TlsFailed(message.code, message.message, peer));
        return;
      }
      case "free":
        this.#end(true, new TlsFailed("ECONNRESET", "the connection was closed"));
    }
  }

  async #sign(request: Extract<FromThread, { readonly kind: "sign" }>): Promise<void> {
    const { person } = this.#options.target;
    person?.begin();
    const answer = await this.#options.key.sign({ digest: request.digest, padding: request.padding, message: request.message }).then(
      (signature): SignAnswer => ({ signature }),
      (cause: unknown): SignAnswer => {
        // OpenSSL will only say that signing failed; the person needs the reason.
        this.#refusal = cause instanceof AgentError ? cause : new AgentError("IDENTITY_REFUSED", formatCause(cause), { cause });
        return { refused: "refused" };
      },
    );
    person?.end();
    if (this.#isOver) return;
    this.#answers.port1.postMessage(answer);
    Atomics.store(this.#bell, 0, 1);
    Atomics.notify(this.#bell, 0);
  }

  #end(isReusable: boolean, cause: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#thread.off("message", this.#listen);
    this.#thread.off("error", this.#exited);
    this.#thread.off("exit", this.#exited);
    this.#thread.unref();
    this.#shaken.reject(this.#refusal ?? cause);
    this.#answers.port1.close();
    if (!isReusable) {
      this.#socket.destroy();
      this.#net.port1.close();
      this.#plain.port1.close();
    }
    this.#options.pool.release(this.#thread, isReusable);
    this.#over.resolve();
  }
}
