import type { ConnectionView } from "../../../agent/contract/index.ts";
import { useNow } from "../../store/index.ts";
import { useText } from "../../text/index.ts";
import { Icon, useMedia, VirtualRows } from "../../ui/index.ts";
import { ConnectionRow } from "./connection-row.tsx";
import { type SortColumn, sortAfterPress, sortColumns } from "./connection-sort.ts";
import type { ConnectionViewState } from "./use-connection-view.ts";

export interface ConnectionTableProps {
  readonly connections: readonly ConnectionView[];
  readonly view: ConnectionViewState;
  readonly active: string | undefined;
  readonly selected: string | undefined;
  /** While paused, ages stand still too. */
  readonly frozenAt: number | undefined;
  readonly onActive: (id: string) => void;
  readonly onSelect: (connection: ConnectionView) => void;
  readonly onClose: (connection: ConnectionView) => void;
}

const rowHeightPx = 38;
const narrowRowHeightPx = 58;

export function ConnectionTable(props: ConnectionTableProps) {
  const { connections, view, active, selected, frozenAt, onActive, onSelect, onClose } = props;
  const { t } = useText();
  const narrow = useMedia("(max-width: 620px)");
  const now = useNow();
  return (
    <div
      className="grid panel"
      role="grid"
      aria-label={t.connections.table}
      aria-rowcount={connections.length + 1}
      aria-colcount={sortColumns.length}
    >
      <div role="rowgroup" className="grid-head-group">
        <div className="connection-cells grid-head" role="row" aria-rowindex={1}>
          {sortColumns.map((column) => (
            <ColumnHead key={column} column={column} view={view} />
          ))}
        </div>
      </div>
      <VirtualRows
        rows={connections}
        rowHeight={narrow ? narrowRowHeightPx : rowHeightPx}
        keyOf={(connection) => connection.id}
        active={active}
        onActive={onActive}
        onEnter={onSelect}
        onDelete={onClose}
      >
        {(connection, rowProps) => (
          <ConnectionRow connection={connection} selected={connection.id === selected} now={frozenAt ?? now} rowProps={rowProps} />
        )}
      </VirtualRows>
    </div>
  );
}

function ColumnHead({ column, view }: { readonly column: SortColumn; readonly view: ConnectionViewState }) {
  const { t } = useText();
  const { sort, setSort } = view;
  const sorted = sort.column === column;
  const numeric = column === "up" || column === "down" || column === "age";
  return (
    <div role="columnheader" className={`cell cell-${column}`} aria-sort={sorted ? (sort.descending ? "descending" : "ascending") : "none"}>
      <button
        type="button"
        className={numeric ? "column-button column-numeric" : "column-button"}
        title={t.connections.sortBy(t.connections.columns[column])}
        onClick={() => setSort(sortAfterPress(sort, column))}
      >
        {t.connections.columns[column]}
        {sorted ? <Icon name={sort.descending ? "down" : "up"} /> : null}
      </button>
    </div>
  );
}
