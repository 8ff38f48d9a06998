import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { type SupervisionReport, supervisionReportSchema } from "../../agent/contract/index.ts";
import type { AgentProcess } from "../bridge/index.ts";
import { type AgentProgram, agentEnvironment } from "./agent-program.ts";
import { createLastLines } from "./last-lines.ts";
import { planRestart } from "./restart-plan.ts";

/** An agent that reported ready, and the secret that makes its supervisor an administrator of it. */
export interface ReadyAgent {
  readonly report: SupervisionReport["ready"];
  readonly secret: string;
}

export interface SupervisorOptions {
  readonly program: AgentProgram;
  /** Words after `run`, such as `--state-dir D`. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  onState(state: AgentProcess): void;
  onReady(agent: ReadyAgent): void;
}

export interface Supervisor {
  start(): void;
  /** Start again, also after it was given up. */
  restart(): Promise<void>;
  /** Ask for a drain, wait, and end it by force after `graceMs`. Resolves when no process is left. */
  stop(graceMs?: number): Promise<void>;
  lastLog(): readonly string[];
  state(): AgentProcess;
}

const graceDefaultMs = 5000;

/**
 * One agent at a time. It is told to stop by closing its descriptor, so it also stops when this process is killed; the drain is the
 * agent's own. `stop` while it starts, and `restart` while it waits to be restarted, are both well defined.
 */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const log = createLastLines(200);
  const ends: number[] = [];
  let child: ChildProcess | undefined;
  let retry: NodeJS.Timeout | undefined;
  let stopping = false;
  let restarts = 0;
  let state: AgentProcess = { state: "stopped", since: Date.now() };

  const tell = (next: AgentProcess) => {
    state = next;
    options.onState(next);
  };

  function start(): void {
    if (child !== undefined) return;
    clearTimeout(retry);
    stopping = false;
    if (state.state !== "restarting") tell({ state: "starting", since: Date.now() });
    const startedAt = Date.now();
    const mine = spawn(options.program.node, [...nodeFlags, options.program.entry, "run", "--supervised", ...options.args], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      env: agentEnvironment(options.env),
      windowsHide: true,
    });
    child = mine;
    mine.stderr?.setEncoding("utf8").on("data", (chunk: string) => log.add(chunk));
    mine.once("error", (cause) => log.add(`${cause.message}\n`));
    greet(mine, (agent) => {
      tell({ state: "running", since: Date.now(), pid: agent.report.pid, restarts });
      options.onReady(agent);
    });
    mine.once("close", () => {
      child = undefined;
      ended(Date.now() - startedAt);
    });
  }

  function ended(livedMs: number): void {
    if (stopping) {
      tell({ state: "stopped", since: Date.now() });
      return;
    }
    ends.push(Date.now());
    if (ends.length > 20) ends.shift();
    const plan = planRestart(ends, livedMs);
    if (plan.kind === "give_up") {
      tell({ state: "crash_loop", since: Date.now(), restarts, lastLog: [...log.lines()].slice(-30) });
      return;
    }
    restarts += 1;
    tell({
      state: "restarting",
      since: Date.now(),
      attempt: plan.attempt,
      retryAt: Date.now() + plan.delayMs,
      lastLog: [...log.lines()].slice(-30),
    });
    retry = setTimeout(start, plan.delayMs);
  }

  async function stop(graceMs = graceDefaultMs): Promise<void> {
    stopping = true;
    clearTimeout(retry);
    const mine = child;
    if (mine === undefined) {
      if (state.state !== "stopped") tell({ state: "stopped", since: Date.now() });
      return;
    }
    const gone = new Promise<void>((resolve) => mine.once("close", () => resolve()));
    (mine.stdio[3] as Duplex | null)?.end();
    mine.kill("SIGTERM");
    const force = setTimeout(() => mine.kill("SIGKILL"), graceMs);
    await gone;
    clearTimeout(force);
  }

  return {
    start,
    restart: async () => {
      await stop();
      ends.length = 0;
      start();
    },
    stop,
    lastLog: () => log.lines(),
    state: () => state,
  };
}

const nodeFlags = ["--disable-warning=ExperimentalWarning", "--disallow-code-generation-from-strings"];

/** Hand over the secret and wait for the one line that says ready. A malformed line is a broken agent: it is ended, and restarted by the plan. */
function greet(child: ChildProcess, onReady: (agent: ReadyAgent) => void): void {
  const pipe = child.stdio[3] as Duplex | null | undefined;
  if (pipe === null || pipe === undefined) return;
  const secret = randomBytes(32).toString("hex");
  let text = "";
  pipe.setEncoding("utf8");
  pipe.on("error", ignoreGoneAgent);
  pipe.on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\n");
    if (end < 0) {
      if (text.length > 10_000) child.kill("SIGKILL");
      return;
    }
    const report = parseReport(text.slice(0, end));
    text = text.slice(end + 1);
    if (report === undefined) child.kill("SIGKILL");
    else onReady({ report: report.ready, secret });
  });
  pipe.write(`${secret}\n`);
}

function parseReport(line: string): SupervisionReport | undefined {
  try {
    const parsed = supervisionReportSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The pipe breaks when the agent dies; its `close` event tells that, with the reason. */
function ignoreGoneAgent(): void {}
