import "./status.css";
import type { Status } from "../../../agent/contract/index.ts";
import { ScreenHead } from "../../pieces/index.ts";
import { useAgent } from "../../store/index.ts";
import { useText } from "../../text/index.ts";
import { AlarmList } from "./alarm-list.tsx";
import { BackendList } from "./backend-list.tsx";
import { ListenerList } from "./listener-list.tsx";
import { RecentRefusals } from "./recent-refusals.tsx";
import { AgentCard, IdentityCard, PolicyCard } from "./status-cards.tsx";
import { StatusHero } from "./status-hero.tsx";

export function StatusScreen() {
  const status = useAgent((state) => state.status);
  return status === undefined ? null : <WithStatus status={status} />;
}

function WithStatus({ status }: { readonly status: Status }) {
  const { t } = useText();
  // What stands above every screen is not said twice.
  const alarms = status.alarms.filter(({ code }) => code !== "TLS_UNVERIFIED");
  return (
    <div className="status">
      <ScreenHead title={t.shell.names.status} command="portail status" />
      <StatusHero status={status} />
      {alarms.length === 0 ? null : <AlarmList alarms={alarms} />}
      <div className="status-columns">
        <div className="status-column">
          <ListenerList listeners={status.listeners} />
          <RecentRefusals />
        </div>
        <div className="status-column">
          <PolicyCard policy={status.policy} />
          <BackendList backends={status.backends} />
          {status.identities.length === 0 ? null : <IdentityCard identities={status.identities} />}
          <AgentCard status={status} />
        </div>
      </div>
    </div>
  );
}
