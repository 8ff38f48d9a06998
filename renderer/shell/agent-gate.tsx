import type { ReactNode } from "react";
import { useAgent, useNow } from "../store/index.ts";
import { useText } from "../text/index.ts";
import { Icon } from "../ui/index.ts";
import { AgentAway } from "./agent-away.tsx";

/** Shows the screens when there is something true to show, else why not. What is old says so. */
export function AgentGate({ always, children }: { readonly always: boolean; readonly children: ReactNode }) {
  const agent = useAgent((state) => state.agent);
  const live = useAgent((state) => state.live);
  const asOf = useAgent((state) => state.asOf);
  if (live) return children;
  const gone = agent.state === "crash_loop" || agent.state === "stopped" || agent.state === "signed_out";
  if (!always && (asOf === undefined || gone)) return <AgentAway agent={agent} />;
  return (
    <>
      {asOf === undefined ? null : <OldNews asOf={asOf} retryAt={"retryAt" in agent ? agent.retryAt : undefined} />}
      {children}
    </>
  );
}

function OldNews({ asOf, retryAt }: { readonly asOf: number; readonly retryAt: number | undefined }) {
  const { t, f } = useText();
  const now = useNow();
  return (
    <div className="notice-box notice-box-ask old-news" role="status">
      <Icon name="warning" />
      <p className="grow">{t.shell.away.old(f.clock(asOf))}</p>
      {retryAt === undefined || retryAt <= now ? null : <p className="quiet">{t.shell.away.retryIn(f.age(retryAt - now + 999))}</p>}
    </div>
  );
}
