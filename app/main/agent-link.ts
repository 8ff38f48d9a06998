import type { StateEvent, StateSnapshot } from "../../agent/contract/index.ts";
import type { AgentProcess, BridgeMessage } from "../bridge/index.ts";
import { createAgentClient } from "../client/index.ts";
import { type AgentProgram, createSupervisor } from "../supervisor/index.ts";
import { advance } from "./advance.ts";

export interface AgentLinkOptions {
  readonly version: string;
  readonly program: AgentProgram;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  onLog(text: string): void;
  /** News for the windows, word for word. */
  onMessage(message: BridgeMessage): void;
  onSnapshot(snapshot: StateSnapshot): void;
  onEvent(event: StateEvent): void;
  /** What `process` or `snapshot` answer is another now. */
  onChange(): void;
}

/** The agent as the application knows it: its process from outside, and its own words while it answers. */
export interface AgentLink {
  process(): AgentProcess;
  snapshot(): StateSnapshot | undefined;
  lastLog(): readonly string[];
  call(name: string, input: unknown): Promise<unknown>;
  /** Tell by `onMessage` how the agent is and, if it answers, everything it knows. */
  tellAll(): void;
  start(): void;
  restart(): Promise<void>;
  /** Resolves when no process is left. */
  stop(): Promise<void>;
}

/** Joins the supervisor and the client: who reported ready is connected to, who ended is forgotten with everything it said. */
export function createAgentLink(options: AgentLinkOptions): AgentLink {
  let snapshot: StateSnapshot | undefined;
  const know = (next: StateSnapshot | undefined) => {
    snapshot = next;
    options.onChange();
  };
  const client = createAgentClient({
    client: `portail-desktop/${options.version}`,
    onSnapshot: (next) => {
      options.onMessage({ kind: "snapshot", snapshot: next });
      options.onSnapshot(next);
      know(next);
    },
    onEvent: (event) => {
      options.onMessage({ kind: "event", event });
      options.onEvent(event);
      if (snapshot !== undefined) know(advance(snapshot, event));
    },
    onLost: () => know(undefined),
  });
  const supervisor = createSupervisor({
    program: options.program,
    args: options.args,
    env: options.env,
    onLog: options.onLog,
    onState: (agent) => {
      if (agent.state !== "running") client.detach();
      options.onMessage({ kind: "agent", agent });
      know(agent.state === "running" ? snapshot : undefined);
    },
    onReady: ({ report, secret }) => client.attach({ path: report.control.path, secret }),
  });
  return {
    process: () => supervisor.state(),
    snapshot: () => snapshot,
    lastLog: () => supervisor.lastLog(),
    call: (name, input) => client.call(name, input),
    tellAll: () => {
      options.onMessage({ kind: "agent", agent: supervisor.state() });
      client.refresh().catch(ignoreAbsentAgent);
    },
    start: () => supervisor.start(),
    restart: () => supervisor.restart(),
    stop: () => supervisor.stop(),
  };
}

/** The agent went away between the question and the answer; its state is told separately. */
function ignoreAbsentAgent(): void {}
