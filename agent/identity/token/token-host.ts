import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Cancel, type Clock, Deaths, deathsInARow, type Logger } from "../../base/index.ts";
import {
  longestPin,
  tokenAnswerSchema,
  TokenFailure,
  type TokenOperation,
  type TokenRequest,
  type TokenResult,
  tokenResultSchemas,
} from "./messages.ts";

export interface TokenHostOptions {
  readonly modulePath: string;
  /** The compiled native part, `out/native/token-key.node`. */
  readonly addonPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The first module of the process; beside this one when absent. */
  readonly entry?: URL;
}

export interface AskOptions {
  readonly timeoutMs: number;
  /** The token begins with it now: everything asked before is answered, and the process is up. */
  readonly started?: () => void;
  /** The bytes that the request speaks of. They must not change until it is answered. */
  readonly pin?: Uint8Array;
}

interface Waiting {
  readonly id: number;
  readonly request: TokenRequest;
  readonly options: AskOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: TokenFailure) => void;
}

/**
 * The agent's side of one token process. It starts with the first question and again after every death: a module that crashes costs an
 * answer, one that hangs is killed when the time of its operation is over.
 */
export class TokenHost {
  readonly #options: TokenHostOptions;
  #child: ChildProcess | undefined;
  #isUp = false;
  #queue: Waiting[] = [];
  #current: (Waiting & { readonly stopTimer: Cancel }) | undefined;
  readonly #deaths: Deaths;
  #lastId = 0;
  #isClosed = false;

  constructor(options: TokenHostOptions) {
    this.#options = options;
    this.#deaths = new Deaths(options.clock);
  }

  /** Rejects with {@link TokenFailure}. Questions are put one after another, and their time counts from when the token begins. */
  async ask<O extends TokenOperation>(request: Extract<TokenRequest, { readonly op: O }>, options: AskOptions): Promise<TokenResult<O>> {
    const length = options.pin?.length;
    if (length !== undefined && (length === 0 || length > longestPin)) throw new TokenFailure("PIN_WRONG", "no PIN is that long");
    const value = await new Promise<unknown>((resolve, reject) => {
      this.#lastId += 1;
      this.#queue.push({ id: this.#lastId, request, options, resolve, reject });
      this.#next();
    });
    const result = tokenResultSchemas[request.op].safeParse(value);
    if (!result.success) throw new TokenFailure("MODULE", "the token process answered with something else");
    return result.data as TokenResult<O>;
  }

  /** The process that runs now, for tests and for showing. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the process and with it every login. What was asked before is not done any more; the next question starts a new process. */
  logOut(): void {
    this.#stop(new TokenFailure("LOGGED_OUT", "somebody logged out of the token meanwhile"));
  }

  close(): void {
    this.#isClosed = true;
    this.#stop(new TokenFailure("CRASHED", "the agent is stopping"));
  }

  #stop(why: TokenFailure): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#bury(why);
    for (const { reject } of queue) reject(why);
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const waiting = this.#queue.shift();
    if (waiting === undefined) return;
    const resting = this.#restReason();
    if (resting !== undefined) {
      waiting.reject(resting);
      this.#next();
      return;
    }
    const { id, request, options } = waiting;
    const stopTimer = this.#options.clock.after(options.timeoutMs, () => {
      this.#died(new TokenFailure("SILENT", "the token did not answer in time"));
    });
    this.#current = { ...waiting, stopTimer };
    const child = (this.#child ??= this.#start());
    if (this.#isUp) options.started?.();
    if (options.pin !== undefined) pinPipeOf(child)?.write(options.pin);
    child.send({ id, request }, (cause) => {
      if (cause !== null && child === this.#child) this.#died(new TokenFailure("CRASHED", "the token process cannot be reached"));
    });
  }

  #restReason(): TokenFailure | undefined {
    if (this.#isClosed) return new TokenFailure("CRASHED", "the agent is stopping");
    if (!this.#deaths.wantRest) return undefined;
    const { modulePath } = this.#options;
    return new TokenFailure("MODULE", `${modulePath} has crashed ${deathsInARow} times in a row; it is left alone for a few seconds`);
  }

  #start(): ChildProcess {
    const { modulePath, addonPath, logger, entry = entryBeside(import.meta.url) } = this.#options;
    const args = ["--disable-warning=ExperimentalWarning", fileURLToPath(entry), modulePath, addonPath];
    const child = spawn(process.execPath, args, {
      // The fifth is for PINs: see messages.ts.
      stdio: ["ignore", "ignore", "ignore", "ipc", "pipe"],
      serialization: "advanced",
      env: environment(),
      windowsHide: true,
    });
    child.on("message", (message) => {
      if (child === this.#child) this.#take(message);
    });
    // A PIN for a process that has just ended is lost with it.
    pinPipeOf(child)?.on("error", () => undefined);
    child.on("error", (cause) => logger.warn("the token process cannot be started", { module: modulePath, cause: cause.message }));
    child.on("exit", (code, signal) => {
      if (child !== this.#child) return;
      logger.warn("the token process ended", { module: modulePath, code: code ?? undefined, signal: signal ?? undefined });
      this.#died(new TokenFailure("CRASHED", `the module crashed (${signal ?? `exit ${code ?? "?"}`})`));
    });
    logger.debug("token process started", { module: modulePath, pid: child.pid });
    return child;
  }

  #take(message: unknown): void {
    const answer = tokenAnswerSchema.safeParse(message);
    const current = this.#current;
    if (!answer.success) return this.#died(new TokenFailure("MODULE", "the token process answered with something else"));
    if (answer.data.kind === "ready") {
      this.#isUp = true;
      return current?.options.started?.();
    }
    if (current === undefined || answer.data.id !== current.id) return undefined;
    this.#current = undefined;
    current.stopTimer();
    if (answer.data.kind === "done") current.resolve(answer.data.value);
    else {
      const { problem, detail, token } = answer.data;
      // What a failed module says next cannot be relied upon: a new process is cheap.
      if (problem === "MODULE") this.#bury(new TokenFailure("CRASHED", "the module failed"));
      current.reject(new TokenFailure(problem, detail, token));
    }
    return this.#next();
  }

  #died(why: TokenFailure): void {
    this.#deaths.note();
    this.#bury(why);
    this.#next();
  }

  #bury(why: TokenFailure): void {
    const child = this.#child;
    this.#child = undefined;
    this.#isUp = false;
    child?.kill("SIGKILL");
    const current = this.#current;
    this.#current = undefined;
    current?.stopTimer();
    current?.reject(why);
  }
}

/** SECURITY: bytes written here go from where they lie to the other process; nothing between keeps a copy. */
const pinPipeOf = (child: ChildProcess): Writable | null | undefined => child.stdio[4] as Writable | null | undefined;

/** As source in tests, as a bundle of its own in the built agent. */
function entryBeside(module: string): URL {
  return new URL(`./token-process${module.endsWith(".ts") ? ".ts" : ".js"}`, module);
}

/** Vendors' modules read their settings from it; nothing in it may change what Node loads. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _ca, OPENSSL_CONF: _conf, ...rest } = process.env;
  return rest;
}
