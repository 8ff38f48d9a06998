import { useMemo } from "react";
import type { ConnectionView } from "../../../agent/contract/index.ts";
import { formatProgram } from "../../pieces/index.ts";
import { useText } from "../../text/index.ts";
import { Button, SearchField, Segments, SelectField } from "../../ui/index.ts";
import { isFiltering, noFilter } from "./connection-filter.ts";
import type { ConnectionViewState } from "./use-connection-view.ts";
import type { Paused } from "./use-pause.ts";

export interface ConnectionToolsProps {
  readonly connections: readonly ConnectionView[];
  readonly view: ConnectionViewState;
  readonly paused: Paused | undefined;
  readonly onPause: () => void;
}

export function ConnectionTools({ connections, view, paused, onPause }: ConnectionToolsProps) {
  const { t, f } = useText();
  const words = t.connections;
  const { filter, setFilter } = view;
  return (
    <search className="tools connection-tools">
      <SearchField label={words.search} value={filter.text} onValue={(text) => setFilter({ text })} />
      <Segments
        label={words.columns.state}
        value={filter.state}
        options={[
          { value: "all", says: words.all },
          { value: "live", says: words.states.live },
          { value: "held", says: words.states.held },
          { value: "ended", says: words.states.ended },
        ]}
        onValue={(state) => setFilter({ state })}
      />
      <SelectField
        label={words.verdict}
        value={filter.verdict}
        options={[
          { value: "all", says: t.audit.anyOutcome },
          { value: "allowed", says: words.allowed },
          { value: "refused", says: words.refused },
          { value: "asked", says: words.asked },
        ]}
        onValue={(verdict) => setFilter({ verdict })}
      />
      <Facets connections={connections} view={view} />
      {isFiltering(filter) ? (
        <Button tone="plain" icon="close" onClick={() => setFilter(noFilter)}>
          {words.clear}
        </Button>
      ) : null}
      <Button
        icon={paused === undefined ? "pause" : "play"}
        aria-pressed={paused !== undefined}
        aria-keyshortcuts="P"
        data-shortcut="pause"
        onClick={onPause}
      >
        {paused === undefined ? words.pause : words.resume}
      </Button>
      {paused === undefined ? null : (
        <p className="quiet" role="status">
          {words.pausedSince(f.clock(paused.at), paused.newer)}
        </p>
      )}
    </search>
  );
}

/** Only what occurs can be chosen. */
function Facets({ connections, view }: Pick<ConnectionToolsProps, "connections" | "view">) {
  const { t } = useText();
  const words = t.connections;
  const programs = useMemo(() => valuesOf(connections, (one) => one.program), [connections]);
  const backends = useMemo(() => valuesOf(connections, (one) => one.backend), [connections]);
  const { filter, setFilter } = view;
  return (
    <>
      <SelectField
        label={words.program}
        value={filter.program}
        options={[
          { value: "", says: words.anyProgram },
          ...withChosen(programs, filter.program).map((value) => ({ value, says: formatProgram(value) ?? value })),
        ]}
        onValue={(program) => setFilter({ program })}
      />
      <SelectField
        label={words.wayOut}
        value={filter.backend}
        options={[{ value: "", says: words.anyWayOut }, ...withChosen(backends, filter.backend).map((value) => ({ value, says: value }))]}
        onValue={(backend) => setFilter({ backend })}
      />
    </>
  );
}

function valuesOf(connections: readonly ConnectionView[], read: (connection: ConnectionView) => string | undefined): readonly string[] {
  const values = new Set<string>();
  for (const connection of connections) {
    const value = read(connection);
    if (value !== undefined) values.add(value);
  }
  return [...values].sort();
}

const withChosen = (values: readonly string[], chosen: string) => (chosen === "" || values.includes(chosen) ? values : [chosen, ...values]);
