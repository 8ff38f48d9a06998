import { memo } from "react";
import type { ConnectionView } from "../../../agent/contract/index.ts";
import { Destination, failureOf, ProgramName, VerdictShape } from "../../pieces/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import type { RowProps } from "../../ui/index.ts";

export interface ConnectionRowProps {
  readonly connection: ConnectionView;
  readonly selected: boolean;
  readonly now: number;
  readonly rowProps: RowProps;
}

export const ConnectionRow = memo(
  function ConnectionRow({ connection, selected, now, rowProps }: ConnectionRowProps) {
    const { t, f } = useText();
    const { state, outcome } = connection;
    const live = state !== "ended";
    const failure = failureOf(connection);
    return (
      <div
        {...rowProps}
        aria-selected={selected}
        className={`connection-cells grid-row-pick ${live ? "connection-live" : "connection-ended"}`}
      >
        <div role="gridcell" className="cell cell-program">
          <ProgramName path={connection.program} />
        </div>
        <div role="gridcell" className="cell cell-destination">
          <Destination connection={connection} />
          {failure === undefined ? (
            <span className="tag">{formatPrintable(connection.protocol)}</span>
          ) : (
            <span className="tag tag-failure">{failureText(failure).short}</span>
          )}
        </div>
        <div role="gridcell" className="cell cell-verdict">
          <VerdictShape outcome={outcome} />
          <span className="hidden-text">{outcome === undefined ? t.connections.live[state] : t.common.verdicts[outcome]}, </span>
          <span className="ellipsis">
            {connection.rule === undefined ? t.connections.live[state] : formatPrintable(connection.rule.name)}
          </span>
        </div>
        <div role="gridcell" className="cell cell-backend">
          <span className="ellipsis quiet">{wayOutOf(connection, t.connections.live[state])}</span>
        </div>
        <div role="gridcell" className="cell cell-up numeric">
          {f.bytes(connection.up)}
        </div>
        <div role="gridcell" className="cell cell-down numeric">
          {f.bytes(connection.down)}
        </div>
        <div role="gridcell" className="cell cell-age numeric">
          <span className="hidden-text">{t.connections.live[state]}, </span>
          {live ? <span className="live-dot" aria-hidden="true" /> : null}
          {f.age(now - connection.startedAt)}
        </div>
      </div>
    );
  },
  (before, after) =>
    before.connection === after.connection &&
    before.selected === after.selected &&
    before.rowProps.tabIndex === after.rowProps.tabIndex &&
    before.rowProps["aria-rowindex"] === after.rowProps["aria-rowindex"] &&
    before.now === after.now,
);

/** The way out of an open connection, else why there is none. */
function wayOutOf({ backend, state, end, outcome }: ConnectionView, stateWord: string): string {
  if (state !== "ended") return backend ?? stateWord;
  if (end !== undefined && end !== "served" && outcome === "allow") return failureText(end).short;
  return backend ?? "—";
}
