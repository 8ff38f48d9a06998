import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { AgentError, type Clock } from "../../base/index.ts";

export interface ThreadPoolOptions {
  readonly addonPath: string;
  readonly clock: Clock;
  /** The thread's first module; beside this one when absent. */
  readonly entry?: URL;
}

/** Tokens do one thing at a time: more threads would only wait longer. */
const shakingAtMost = 4;
/** Connections whose server gives no tickets stay in their threads. */
const carryingAtMost = 32;
const idleMs = 30_000;

/** Threads for handshakes. One does one errand at a time; those without an errand end after a while. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #all = new Set<Worker>();
  readonly #idle: { readonly thread: Worker; readonly stopTimer: () => void }[] = [];
  readonly #carrying = new Set<Worker>();
  #shaking = 0;
  readonly #queue: (() => void)[] = [];

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /** A thread for a handshake, when it is its turn. It is given back by {@link release}. Rejects with AgentError (IDENTITY_MODULE). */
  async acquire(): Promise<Worker> {
    if (!existsSync(this.#options.addonPath))
      throw new AgentError("IDENTITY_MODULE", "the agent was built without its native part, which keys in tokens need");
    if (this.#shaking < shakingAtMost) this.#shaking += 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    const idle = this.#idle.pop();
    idle?.stopTimer();
    return idle?.thread ?? this.#hire();
  }

  /** The handshake is over, but its connection stays in the thread. False: too many do already, the connection must end. */
  keepCarrying(thread: Worker): boolean {
    if (this.#carrying.size >= carryingAtMost) return false;
    this.#carrying.add(thread);
    this.#leaveTurn();
    return true;
  }

  /** The errand is over. `isReusable` false: the thread was ended, or must be. */
  release(thread: Worker, isReusable: boolean): void {
    if (!this.#carrying.delete(thread)) this.#leaveTurn();
    if (!isReusable || !this.#all.has(thread)) {
      this.#end(thread);
      return;
    }
    const entry = { thread, stopTimer: this.#options.clock.after(idleMs, () => this.#retire(thread)) };
    this.#idle.push(entry);
  }

  async close(): Promise<void> {
    for (const { stopTimer } of this.#idle) stopTimer();
    this.#idle.length = 0;
    await Promise.all([...this.#all].map((thread) => thread.terminate()));
    this.#all.clear();
  }

  #leaveTurn(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#shaking -= 1;
    else next();
  }

  #retire(thread: Worker): void {
    const at = this.#idle.findIndex((entry) => entry.thread === thread);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#end(thread);
  }

  #end(thread: Worker): void {
    this.#all.delete(thread);
    void thread.terminate();
  }

  #hire(): Worker {
    const { addonPath, entry = entryBeside(import.meta.url) } = this.#options;
    const thread = new Worker(entry, { name: "tls-token", workerData: { addonPath }, resourceLimits: { maxYoungGenerationSizeMb: 8 } });
    thread.unref();
    thread.once("exit", () => {
      this.#all.delete(thread);
      this.#retire(thread);
    });
    this.#all.add(thread);
    return thread;
  }
}

/** As source in tests, as a bundle of its own in the built agent. */
function entryBeside(module: string): URL {
  return new URL(`./tls-thread${module.endsWith(".ts") ? ".ts" : ".js"}`, module);
}
