import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { agentNodeFlags, type SupervisionReport, supervisionDescriptor, supervisionReportSchema } from "../../agent/contract/index.ts";
import { type AgentProgram, agentEnvironment } from "./agent-program.ts";

/** An agent that reported ready, and the secret that makes its supervisor an administrator of it. */
export interface ReadyAgent {
  readonly report: SupervisionReport["ready"];
  readonly secret: string;
}

export interface AgentChildOptions {
  readonly program: AgentProgram;
  /** Words after `run`. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  onLog(text: string): void;
  onReady(agent: ReadyAgent): void;
  /** It is gone; called once. */
  onEnd(how: AgentExit): void;
}

/** As Node tells it: a signal when it was ended by one, else a code; neither when it could not even be started. */
export interface AgentExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One life of the agent's process. */
export interface AgentChild {
  /** Ask for a drain, wait, and end it by force after `graceMs`. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

const maxReportLength = 10_000;
/** A program that the agent started may hold its log open; the last words are waited for only this long. */
const lastWordsMs = 200;

export function startAgentChild({ program, args, env, onLog, onReady, onEnd }: AgentChildOptions): AgentChild {
  const child = spawn(program.node, [...agentNodeFlags, program.entry, "run", "--supervised", ...args], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    env: agentEnvironment(env),
    windowsHide: true,
  });
  child.stderr?.setEncoding("utf8").on("data", onLog);
  greet(child, onReady);
  const gone = endOf(child, onLog).then(onEnd);
  return {
    stop: async (graceMs) => {
      pipeOf(child)?.end();
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await gone;
      clearTimeout(force);
    },
  };
}

/** Resolves when the process has ended and its last words are heard, or when it could not be started at all. */
function endOf(child: ChildProcess, onLog: (text: string) => void): Promise<AgentExit> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
    child.once("error", (cause) => {
      onLog(`${cause.message}\n`);
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
    child.once("exit", (code, signal) => {
      const waited = setTimeout(() => {
        child.stderr?.destroy();
        pipeOf(child)?.destroy();
        resolve({ code, signal });
      }, lastWordsMs);
      child.once("close", () => clearTimeout(waited));
    });
  });
}

/** Hand over the secret and wait for the one line that says ready. An agent that answers with anything else is broken, and ended. */
function greet(child: ChildProcess, onReady: (agent: ReadyAgent) => void): void {
  const pipe = pipeOf(child);
  if (pipe === undefined) return;
  const secret = randomBytes(32).toString("hex");
  let text = "";
  pipe.setEncoding("utf8");
  pipe.on("error", ignoreGoneAgent);
  pipe.on("data", function hear(chunk: string) {
    text += chunk;
    const end = text.indexOf("\n");
    if (end < 0 && text.length < maxReportLength) return;
    pipe.off("data", hear).resume();
    const report = parseReport(text.slice(0, end));
    if (report === undefined) child.kill("SIGKILL");
    else onReady({ report: report.ready, secret });
  });
  pipe.write(`${secret}\n`);
}

function pipeOf(child: ChildProcess): Duplex | undefined {
  return (child.stdio[supervisionDescriptor] as Duplex | null | undefined) ?? undefined;
}

function parseReport(line: string): SupervisionReport | undefined {
  try {
    const parsed = supervisionReportSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The pipe breaks when the agent dies; its end tells that, with the reason. */
function ignoreGoneAgent(): void {}
