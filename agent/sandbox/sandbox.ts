import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Cancel, type Clock, Deaths, deathsInARow, type Logger } from "../base/index.ts";
import type { GuestAnswer, GuestQuestion, ScriptKind } from "./guest-messages.ts";

export interface SandboxOptions {
  /** For the log: the path of the script. */
  readonly name: string;
  readonly kind: ScriptKind;
  readonly text: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long one question may take, starting the process included. */
  readonly askMs?: number;
  /** The process ends when nobody has asked for so long. */
  readonly idleMs?: number;
}

/** The script gave no answer; the message goes on after its name. */
export class SandboxBroken extends Error {
  override readonly name = "SandboxBroken";
}

interface Waiting {
  readonly input: string;
  readonly resolve: (said: unknown) => void;
  readonly reject: (cause: SandboxBroken) => void;
}

const ASK_MS = 3000;
const IDLE_MS = 60_000;
const MOST_WAITING = 256;
const MOST_CHARACTERS = 64 * 1024;

/** Memory of the script is bounded by the heap; more than a few megabytes is no judgement any more. */
const FLAGS: readonly string[] = [
  "--permission",
  "--experimental-vm-modules",
  "--disallow-code-generation-from-strings",
  "--max-old-space-size=48",
  "--max-semi-space-size=2",
  "--no-warnings",
  "--no-addons",
];

/**
 * One script in a process that can do nothing but answer. The process is started by the first question and again after every death;
 * questions are put one after another.
 */
export class Sandbox {
  readonly #options: SandboxOptions;
  #child: ChildProcess | undefined;
  #queue: Waiting[] = [];
  #current: (Waiting & { readonly id: number; readonly stopTimer: Cancel }) | undefined;
  #stopIdle: Cancel | undefined;
  readonly #deaths: Deaths;
  #lastId = 0;
  #isRetired = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#deaths = new Deaths(options.clock);
  }

  /** What the script says to the arguments, which must survive JSON. Rejects with {@link SandboxBroken}, and always in the end. */
  ask(input: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#isRetired) return reject(new SandboxBroken("is no longer in use"));
      if (this.#queue.length >= MOST_WAITING) return reject(new SandboxBroken("has too many questions to answer"));
      this.#queue.push({ input: JSON.stringify(input), resolve, reject });
      return this.#next();
    });
  }

  /** The process that runs now, for tests. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What was asked is still answered; then the process ends. */
  retire(): void {
    this.#isRetired = true;
    if (this.#current === undefined) this.#end();
  }

  /** Now: what was asked gets no answer. */
  close(): void {
    this.#isRetired = true;
    const queue = this.#queue;
    this.#queue = [];
    this.#bury(new SandboxBroken("was stopped"));
    for (const { reject } of queue) reject(new SandboxBroken("was stopped"));
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const waiting = this.#queue.shift();
    if (waiting === undefined) return this.#rest();
    if (this.#deaths.wantRest) {
      waiting.reject(new SandboxBroken(`has failed ${deathsInARow} times in a row and is left alone for a few seconds`));
      return this.#next();
    }
    this.#stopIdle?.();
    const { clock, kind, text, askMs = ASK_MS } = this.#options;
    this.#lastId += 1;
    const id = this.#lastId;
    const stopTimer = clock.after(askMs, () => this.#died(new SandboxBroken("did not answer in time")));
    this.#current = { ...waiting, id, stopTimer };
    const child = (this.#child ??= this.#start());
    child.send({ id, kind, text, input: waiting.input } satisfies GuestQuestion, (cause) => {
      if (cause !== null && child === this.#child) this.#died(new SandboxBroken("cannot be run"));
    });
  }

  #rest(): void {
    if (this.#isRetired) return this.#end();
    const { clock, idleMs = IDLE_MS } = this.#options;
    this.#stopIdle?.();
    this.#stopIdle = clock.after(idleMs, () => this.#end());
  }

  #start(): ChildProcess {
    const { name, logger } = this.#options;
    const child = spawn(process.execPath, [...FLAGS, fileURLToPath(entryBeside(import.meta.url))], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      // SECURITY: nothing of the agent's environment is a script's business.
      env: {},
      cwd: "/",
      windowsHide: true,
    });
    // Neither the process nor its channel keeps an agent alive that has nothing else to do.
    child.unref();
    child.channel?.unref();
    child.on("message", (message) => {
      if (child === this.#child) this.#take(message);
    });
    child.on("error", (cause) => logger.warn("a script cannot be run", { script: name, cause: cause.message }));
    child.on("exit", (code, signal) => {
      if (child !== this.#child) return;
      logger.warn("a script's process ended", { script: name, code: code ?? undefined, signal: signal ?? undefined });
      this.#died(new SandboxBroken("broke down, or took too much memory"));
    });
    return child;
  }

  #take(message: unknown): void {
    const current = this.#current;
    if (current === undefined || !isAnswer(message)) return this.#died(new SandboxBroken("answered with something else"));
    if (message.id !== current.id) return undefined;
    this.#current = undefined;
    current.stopTimer();
    const { said, trouble } = message;
    if (said === undefined) current.reject(new SandboxBroken(`failed: ${trouble ?? ""}`));
    else if (said.length > MOST_CHARACTERS) current.reject(new SandboxBroken("said too much"));
    else current.resolve(JSON.parse(said));
    return this.#next();
  }

  #died(why: SandboxBroken): void {
    this.#deaths.note();
    this.#bury(why);
    this.#next();
  }

  #bury(why: SandboxBroken): void {
    this.#end();
    const current = this.#current;
    this.#current = undefined;
    current?.stopTimer();
    current?.reject(why);
  }

  #end(): void {
    this.#stopIdle?.();
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
  }
}

/** SECURITY: whoever sits in the process may say anything: also this is only text until it was looked at. */
function isAnswer(message: unknown): message is GuestAnswer {
  if (typeof message !== "object" || message === null) return false;
  const { id, said, trouble } = message as { readonly [key in keyof GuestAnswer]: unknown };
  const isText = (value: unknown): boolean => value === undefined || typeof value === "string";
  return typeof id === "number" && isText(said) && isText(trouble) && isJson(said);
}

function isJson(text: unknown): boolean {
  try {
    if (typeof text === "string") JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** As source in tests, as a bundle of its own in the built agent. */
function entryBeside(here: string): URL {
  return here.endsWith(".ts") ? new URL("./guest-process.ts", here) : new URL("./guest-process.js", here);
}
