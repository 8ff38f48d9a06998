import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { type Status, statusSchema } from "../../agent/contract/index.ts";
import { type Ran, type RunOptions, run } from "./run.ts";

export const root = path.resolve(import.meta.dirname, "../..");
export const portailPath = path.join(root, "out/portail");

export interface AgentOptions {
  /** The whole `portail.yaml`; absent: one proxy listener on a port that the kernel picks, for the current user. */
  readonly config?: string;
  readonly policy?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Another launcher than the one that was built. */
  readonly program?: string;
}

/** A built agent that runs as a child process on a directory of its own. */
export interface Agent {
  readonly pid: number;
  readonly dir: string;
  readonly stateDir: string;
  readonly status: Status;
  /** `127.0.0.1:PORT` of a listener. */
  address(listener?: string): string;
  port(listener?: string): number;
  /** Run a command of the product against this agent. */
  portail(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The answer of a command with `--json`, parsed. */
  json<T>(args: readonly string[]): Promise<T>;
  writePolicy(text: string): void;
  writeConfig(text: string): void;
  log(): string;
  kill(signal: NodeJS.Signals): void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
  /** SIGTERM and wait; a second call does nothing. */
  stop(): Promise<number | null>;
}

export const plainConfig = `listeners:
  local: { kind: proxy, listen: 127.0.0.1:0 }
`;

/** Start an agent and wait until it is ready. What it says on stderr is in the error when it does not get there. */
export async function startAgent(dir: string, options: AgentOptions = {}): Promise<Agent> {
  const stateDir = path.join(dir, "state");
  const configPath = path.join(dir, "portail.yaml");
  const policyPath = path.join(dir, "policy.portail");
  if (options.policy !== undefined) fs.writeFileSync(policyPath, options.policy);
  const policyLine = options.policy === undefined ? "" : "policy: policy.portail\n";
  fs.writeFileSync(configPath, (options.config ?? plainConfig) + policyLine);
  const env = { ...process.env, XDG_RUNTIME_DIR: "", ...options.env };
  const program = options.program ?? portailPath;
  const child = spawn(program, ["run", "--config", configPath, "--state-dir", stateDir], { stdio: ["ignore", "ignore", "pipe"], env });
  const log: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => log.push(chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const portail = (args: readonly string[], runOptions: RunOptions = {}) =>
    run(program, [...args, "--state-dir", stateDir], { ...runOptions, env: { XDG_RUNTIME_DIR: "", ...runOptions.env } });
  const ready = await Promise.race([portail(["status", "--json", "--wait", "15"]), ended.then(() => undefined)]);
  if (ready?.code !== 0) {
    child.kill("SIGKILL");
    throw new Error(`the agent did not get ready: ${ready?.stderr ?? "it ended"}\n${log.join("")}`);
  }
  return agentOver({
    child,
    dir,
    stateDir,
    status: statusSchema.parse(JSON.parse(ready.stdout)),
    portail,
    ended,
    log,
    policyPath,
    configPath,
  });
}

interface Parts {
  readonly child: ChildProcess;
  readonly dir: string;
  readonly stateDir: string;
  readonly status: Status;
  readonly portail: Agent["portail"];
  readonly ended: Promise<number | null>;
  readonly log: readonly string[];
  readonly policyPath: string;
  readonly configPath: string;
}

function agentOver(parts: Parts): Agent {
  const { child, status, portail, ended, log } = parts;
  const address = (listener = "local") => {
    const found = status.listeners.find(({ name }) => name === listener)?.addresses[0];
    if (found === undefined) throw new Error(`no listener ${listener} in ${JSON.stringify(status.listeners)}`);
    return found;
  };
  return {
    pid: status.pid,
    dir: parts.dir,
    stateDir: parts.stateDir,
    status,
    address,
    port: (listener) => Number(address(listener).split(":").at(-1)),
    portail,
    json: async <T>(args: readonly string[]) => {
      const ran = await portail([...args, "--json"]);
      if (ran.code !== 0) throw new Error(`portail ${args.join(" ")} ended with ${ran.code}: ${ran.stderr}`);
      return JSON.parse(ran.stdout) as T;
    },
    writePolicy: (text) => fs.writeFileSync(parts.policyPath, text),
    writeConfig: (text) => fs.writeFileSync(parts.configPath, text),
    log: () => log.join(""),
    kill: (signal) => process.kill(status.pid, signal),
    ended,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      return ended;
    },
  };
}
