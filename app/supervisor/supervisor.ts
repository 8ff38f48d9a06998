import type { AgentProcess } from "../bridge/index.ts";
import { type AgentChild, type ReadyAgent, startAgentChild } from "./agent-child.ts";
import type { AgentProgram } from "./agent-program.ts";
import { createLastLines } from "./last-lines.ts";
import { type AgentEnd, planRestart } from "./restart-plan.ts";

export interface SupervisorOptions {
  readonly program: AgentProgram;
  /** Words after `run`, such as `--state-dir D`. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** All that the agent says, as it says it. */
  onLog(text: string): void;
  onState(state: AgentProcess): void;
  onReady(agent: ReadyAgent): void;
}

export interface Supervisor {
  start(): void;
  /** Start again, also after it was given up. A `stop` that is asked for meanwhile wins. */
  restart(): Promise<void>;
  /** Ask for a drain, wait, and end it by force after a grace. Resolves when no process is left. */
  stop(): Promise<void>;
  lastLog(): readonly string[];
  state(): AgentProcess;
}

const graceMs = 5000;
const keptEnds = 20;
const toldLines = 30;

/**
 * Keeps one agent running; `start`, `restart` and `stop` may come at any time and in any order, the last one wins. The agent also stops when
 * this process is killed, because its descriptor closes.
 */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  return new AgentSupervisor(options);
}

class AgentSupervisor implements Supervisor {
  private readonly options: SupervisorOptions;
  private readonly log = createLastLines(200);
  private readonly ends: AgentEnd[] = [];
  private child: AgentChild | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isStopping = false;
  /** Counts what was asked for, so that an older wish that had to wait does not overrule a newer one. */
  private wishes = 0;
  /** Starts by itself since a person last asked for one. */
  private restarts = 0;
  private current: AgentProcess = { state: "stopped", since: Date.now() };

  constructor(options: SupervisorOptions) {
    this.options = options;
  }

  start(): void {
    if (this.child !== undefined) {
      if (this.isStopping) void this.restart();
      return;
    }
    this.wishes += 1;
    this.isStopping = false;
    this.launch();
  }

  async restart(): Promise<void> {
    const wish = await this.halt();
    if (wish !== this.wishes) return;
    this.ends.length = 0;
    this.restarts = 0;
    this.start();
  }

  async stop(): Promise<void> {
    await this.halt();
  }

  lastLog(): readonly string[] {
    return this.log.lines();
  }

  state(): AgentProcess {
    return this.current;
  }

  private async halt(): Promise<number> {
    const wish = ++this.wishes;
    this.isStopping = true;
    clearTimeout(this.retry);
    if (this.child === undefined) this.tell({ state: "stopped", since: Date.now() });
    else await this.child.stop(graceMs);
    return wish;
  }

  private launch(): void {
    clearTimeout(this.retry);
    if (this.current.state !== "restarting") this.tell({ state: "starting", since: Date.now() });
    const startedAt = Date.now();
    let wasReady = false;
    const { program, args, env } = this.options;
    this.child = startAgentChild({
      program,
      args,
      env,
      onLog: (text) => {
        this.log.add(text);
        this.options.onLog(text);
      },
      onReady: (agent) => {
        wasReady = true;
        this.tell({ state: "running", since: Date.now(), pid: agent.report.pid, restarts: this.restarts });
        this.options.onReady(agent);
      },
      onEnd: ({ code, signal }) => {
        this.child = undefined;
        // It went as it does when it is asked to, by `portail stop` for one: it stays so until somebody wants it again.
        if (wasReady && code === 0) this.isStopping = true;
        const wasKilled = signal === "SIGKILL" || signal === "SIGTERM";
        this.ended({ at: Date.now(), livedMs: Date.now() - startedAt, wasReady, wasKilled });
      },
    });
  }

  private ended(end: AgentEnd): void {
    const since = end.at;
    if (this.isStopping) {
      this.tell({ state: "stopped", since });
      return;
    }
    this.ends.push(end);
    if (this.ends.length > keptEnds) this.ends.shift();
    const plan = planRestart(this.ends);
    const lastLog = this.log.lines().slice(-toldLines);
    if (plan.kind === "give_up") {
      this.tell({ state: "crash_loop", since, restarts: this.restarts, lastLog });
      return;
    }
    this.restarts += 1;
    this.tell({ state: "restarting", since, attempt: plan.attempt, retryAt: since + plan.delayMs, lastLog });
    this.retry = setTimeout(() => this.launch(), plan.delayMs);
  }

  private tell(next: AgentProcess): void {
    this.current = next;
    this.options.onState(next);
  }
}
