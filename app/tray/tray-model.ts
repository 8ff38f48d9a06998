import type { Questions, StateSnapshot } from "../../agent/contract/index.ts";
import type { AgentProcess } from "../bridge/index.ts";

export type TrayIcon = "working" | "attention" | "off";

/** Everything the tray shows; plain data, so that tests read it without a tray. */
export interface TrayModel {
  readonly icon: TrayIcon;
  readonly tooltip: string;
  /** First line of the menu. */
  readonly headline: string;
  readonly details: readonly string[];
  /** What the person is asked; each leads to the window, where the prompt is. */
  readonly questions: readonly { readonly id: string; readonly label: string }[];
  readonly holds: readonly { readonly id: string; readonly label: string }[];
  readonly canRestart: boolean;
}

/** What is known when the tray is drawn: the process from outside, and the agent's own words when it answers. */
export interface TrayFacts {
  readonly agent: AgentProcess;
  readonly snapshot: StateSnapshot | undefined;
}

export function trayModel({ agent, snapshot }: TrayFacts): TrayModel {
  if (agent.state !== "running") return outside(agent);
  if (snapshot === undefined)
    return {
      icon: "off",
      tooltip: "Portail: greeting the agent",
      headline: "Starting…",
      details: [],
      questions: [],
      holds: [],
      canRestart: false,
    };
  const { status, holds } = snapshot;
  const questions = questionsOf(snapshot.questions);
  const waiting = holds.map(({ id, connection }) => ({ id, label: `${connection.host}:${connection.port} waits for you` }));
  const troubled = status.alarms.length > 0 || status.listeners.some(({ state }) => state === "failed");
  const asks = plural(waiting.length, "connection waits for you", "connections wait for you");
  const headline = questions[0]?.label ?? (waiting.length > 0 ? asks : troubled ? "Needs attention" : "Working");
  return {
    icon: questions.length > 0 || waiting.length > 0 || troubled ? "attention" : "working",
    tooltip: `Portail: ${headline.slice(0, 1).toLowerCase()}${headline.slice(1)}`,
    headline,
    details: [
      ...status.listeners.map(({ name, addresses, state }) =>
        state === "failed" ? `${name}: cannot listen` : `${name}: ${addresses.join(", ")}`,
      ),
      plural(status.connections.live, "connection open", "connections open"),
    ],
    questions,
    holds: waiting,
    canRestart: true,
  };
}

function questionsOf({ pins, touches, hostKeys }: Questions): TrayModel["questions"] {
  return [
    ...pins.map(({ id, token }) => ({ id, label: `A key needs its PIN: ${token}` })),
    ...touches.map(({ identity, token, kind }) => ({
      id: `touch-${identity}-${token}`,
      label: kind === "keypad" ? `Type the PIN at the reader: ${token}` : `Touch your key: ${token}`,
    })),
    ...hostKeys.map(({ id, address }) => ({ id, label: `Is this the right server? ${address}` })),
  ];
}

/** What to say while the agent does not answer. */
function outside(agent: AgentProcess): TrayModel {
  const said = {
    starting: "Starting…",
    running: "Working",
    restarting: "Restarting…",
    crash_loop: "The agent keeps failing",
    unreachable: "The agent does not answer",
    signed_out: "Signed out",
    stopped: "Stopped",
  }[agent.state];
  return {
    icon: agent.state === "crash_loop" || agent.state === "unreachable" ? "attention" : "off",
    tooltip: `Portail: ${said.toLowerCase()}`,
    headline: said,
    details: agent.state === "crash_loop" ? [`It ended ${agent.restarts + 1} times; open Portail to see why.`] : [],
    questions: [],
    holds: [],
    canRestart: agent.state !== "starting",
  };
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
