import { type AgentState as State, useAgent } from "../store/index.ts";
import { type Catalogue, useText } from "../text/index.ts";

interface Light {
  readonly tone: "allow" | "ask" | "deny";
  readonly says: keyof Catalogue["shell"]["agent"];
}

/** What the small lamp in the corner says. */
export function lightOf({ agent, live, status }: Pick<State, "agent" | "live" | "status">): Light {
  if (agent.state === "running" && live) {
    if (status?.state === "draining") return { tone: "ask", says: "draining" };
    return status !== undefined && status.alarms.length > 0 ? { tone: "ask", says: "attention" } : { tone: "allow", says: "working" };
  }
  const says = {
    starting: "starting",
    running: "starting",
    restarting: "restarting",
    crash_loop: "crashed",
    unreachable: "unreachable",
    signed_out: "signedOut",
    stopped: "stopped",
  } as const;
  const waiting = agent.state === "starting" || agent.state === "running" || agent.state === "restarting";
  return { tone: waiting ? "ask" : "deny", says: says[agent.state] };
}

export function AgentState() {
  const { t } = useText();
  const agent = useAgent((state) => state.agent);
  const live = useAgent((state) => state.live);
  const status = useAgent((state) => state.status);
  const { tone, says } = lightOf({ agent, live, status });
  return (
    <p className={`agent-state tone-${tone}`} role="status">
      <span className="agent-lamp" aria-hidden="true" />
      <span className="agent-word">{t.shell.agent[says]}</span>
    </p>
  );
}
