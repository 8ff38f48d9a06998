import "./connections.css";
import { useMemo, useState } from "react";
import type { ConnectionView } from "../../../agent/contract/index.ts";
import { ScreenHead } from "../../pieces/index.ts";
import { useAgent, useHere, usePortail } from "../../store/index.ts";
import { useText } from "../../text/index.ts";
import { Button, CodeLine, EmptyState } from "../../ui/index.ts";
import { ConnectionDetail } from "./connection-detail.tsx";
import { filterConnections, isFiltering, noFilter } from "./connection-filter.ts";
import { sortConnections } from "./connection-sort.ts";
import { ConnectionTable } from "./connection-table.tsx";
import { ConnectionTools } from "./connection-tools.tsx";
import { useCloseConnection } from "./use-close-connection.ts";
import { useConnectionView } from "./use-connection-view.ts";
import { type Paused, usePause } from "./use-pause.ts";

export function ConnectionsScreen() {
  const { t, f } = useText();
  const { place } = usePortail();
  const { details } = useHere();
  const status = useAgent((state) => state.status);
  const { connections, paused, toggle } = usePause();
  const view = useConnectionView();
  const closeConnection = useCloseConnection();
  const [active, setActive] = useState<string | undefined>(undefined);
  const shown = useMemo(
    () => sortConnections(filterConnections(connections, view.filter), view.sort),
    [connections, view.filter, view.sort],
  );
  const selected = details["id"];
  const select = (connection: ConnectionView) => place.adjust({ id: connection.id });
  return (
    <div className={selected === undefined ? "split" : "split split-open"}>
      <div className="split-list">
        <ScreenHead
          title={t.shell.names.connections}
          says={t.connections.summary(f.count(status?.connections.live ?? 0), f.count(shown.length))}
          command="portail connections --follow"
        />
        <ConnectionTools connections={connections} view={view} paused={paused} onPause={toggle} />
        {shown.length === 0 ? (
          <NoConnections filtering={isFiltering(view.filter)} onClear={() => view.setFilter(noFilter)} />
        ) : (
          <ConnectionTable
            connections={shown}
            view={view}
            active={active ?? selected}
            selected={selected}
            frozenAt={frozenAt(paused)}
            onActive={setActive}
            onSelect={select}
            onClose={closeConnection}
          />
        )}
      </div>
      {selected === undefined ? null : <ConnectionDetail key={selected} id={selected} onClose={closeConnection} />}
    </div>
  );
}

const frozenAt = (paused: Paused | undefined) => paused?.at;

function NoConnections({ filtering, onClear }: { readonly filtering: boolean; readonly onClear: () => void }) {
  const { t } = useText();
  const address =
    useAgent((state) => state.status?.listeners.find((listener) => listener.kind === "proxy")?.addresses[0]) ?? "127.0.0.1:1080";
  if (filtering) {
    return (
      <EmptyState icon="search" title={t.connections.nothing}>
        <Button onClick={onClear}>{t.connections.clear}</Button>
      </EmptyState>
    );
  }
  const command = `curl -x socks5h://${address} https://example.com/`;
  return (
    <EmptyState icon="connections" title={t.connections.empty} says={t.connections.emptyHint}>
      <CodeLine text={command} label={t.common.copyThing(command)} done={t.common.copied} />
    </EmptyState>
  );
}
