import { Worker } from "node:worker_threads";
import { AgentError, type Cancel, type Clock } from "../base/index.ts";
import type { ClerkAnswer, ClerkTask, ClerkTasks } from "./clerk-tasks.ts";

export interface ClerkOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly url?: URL | undefined;
}

interface Pending {
  readonly resolve: (output: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

/** How long the thread stays after its last task: a person who searches asks more than once. */
const LINGER_MS = 10_000;

/**
 * The record's second thread, as seen from the agent's: it has SQLite, waits for the disk, and costs no memory while nobody needs it.
 * It starts with the first task and ends some seconds after the last one.
 */
export class Clerk {
  readonly #options: ClerkOptions;
  #worker: Worker | undefined;
  #nextId = 1;
  #pending = new Map<number, Pending>();
  #leave: Cancel | undefined;

  constructor(options: ClerkOptions) {
    this.#options = options;
  }

  /** Rejects with RECORD_UNAVAILABLE, or with RECORD_DAMAGED when the store itself is spoilt. */
  ask<T extends ClerkTask>(task: T, input: ClerkTasks[T]["input"]): Promise<ClerkTasks[T]["output"]> {
    this.#leave?.();
    this.#leave = undefined;
    const worker = (this.#worker ??= this.#hire());
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as Pending["resolve"], reject });
      worker.postMessage({ id, task, input });
    });
  }

  /** Let it finish what it does and end. */
  async close(): Promise<void> {
    this.#leave?.();
    const worker = this.#worker;
    if (worker === undefined) return;
    const gone = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    this.#dismiss(worker);
    await gone;
  }

  #hire(): Worker {
    const url = this.#options.url ?? threadBeside(import.meta.url);
    // The young generation is what makes a thread expensive; filing makes short-lived objects only.
    const worker = new Worker(url, {
      name: "audit-clerk",
      workerData: { dir: this.#options.dir },
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    worker.on("message", (answer: ClerkAnswer) => this.#take(worker, answer));
    worker.on("error", (cause) => this.#lose(worker, cause));
    worker.on("exit", () => this.#lose(worker, new Error("the clerk's thread ended")));
    return worker;
  }

  #take(worker: Worker, answer: ClerkAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ("output" in answer) pending?.resolve(answer.output);
    else pending?.reject(new AgentError(answer.error.damage ? "RECORD_DAMAGED" : "RECORD_UNAVAILABLE", answer.error.message));
    if (this.#pending.size > 0 || this.#worker !== worker) return;
    this.#leave ??= this.#options.clock.after(LINGER_MS, () => this.#dismiss(worker));
  }

  #dismiss(worker: Worker): void {
    this.#leave = undefined;
    if (this.#worker === worker) this.#worker = undefined;
    worker.postMessage("end");
  }

  /** A thread that died takes its tasks with it; the next task gets a new one. */
  #lose(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of lost) reject(new AgentError("RECORD_UNAVAILABLE", "the clerk's thread ended", { cause }));
  }
}

/** The thread's first module lies beside this one: as source in tests, as a bundle of its own in the built agent. */
function threadBeside(module: string): URL {
  return new URL(`./clerk-thread${module.endsWith(".ts") ? ".ts" : ".js"}`, module);
}
