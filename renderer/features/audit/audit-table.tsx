import type { AuditRecord } from "../../../agent/contract/index.ts";
import { Destination, ProgramName, VerdictShape } from "../../pieces/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { type RowProps, useMedia, VirtualRows } from "../../ui/index.ts";

export interface AuditTableProps {
  readonly records: readonly AuditRecord[];
  readonly active: string | undefined;
  readonly selected: string | undefined;
  readonly onActive: (seq: string) => void;
  readonly onSelect: (record: AuditRecord) => void;
}

const columns = ["seq", "time", "kind", "what", "who", "rule"] as const;
const rowHeightPx = 38;
const narrowRowHeightPx = 58;

export function AuditTable({ records, active, selected, onActive, onSelect }: AuditTableProps) {
  const { t } = useText();
  const narrow = useMedia("(max-width: 620px)");
  return (
    <div className="grid panel" role="grid" aria-label={t.audit.table} aria-rowcount={records.length + 1} aria-colcount={columns.length}>
      <div role="rowgroup" className="grid-head-group">
        <div className="audit-cells grid-head" role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <div key={column} role="columnheader" className={`cell cell-${column}`}>
              {t.audit.columns[column]}
            </div>
          ))}
        </div>
      </div>
      <VirtualRows
        rows={records}
        rowHeight={narrow ? narrowRowHeightPx : rowHeightPx}
        keyOf={(record) => String(record.seq)}
        active={active}
        onActive={onActive}
        onEnter={onSelect}
      >
        {(record, rowProps) => <AuditRow record={record} selected={String(record.seq) === selected} rowProps={rowProps} />}
      </VirtualRows>
    </div>
  );
}

function AuditRow({
  record,
  selected,
  rowProps,
}: {
  readonly record: AuditRecord;
  readonly selected: boolean;
  readonly rowProps: RowProps;
}) {
  const { t, f } = useText();
  return (
    <div
      {...rowProps}
      aria-selected={selected}
      className={record.kind === "end" ? "audit-cells grid-row-pick audit-end" : "audit-cells grid-row-pick"}
    >
      <div role="gridcell" className="cell cell-seq quiet">
        {f.count(record.seq)}
      </div>
      <div role="gridcell" className="cell cell-time" title={f.moment(record.time)}>
        {f.clock(record.time)}
      </div>
      <div role="gridcell" className="cell cell-kind">
        {t.audit.kinds[record.kind]}
      </div>
      <div role="gridcell" className="cell cell-what">
        {record.outcome === undefined || record.kind === "end" ? null : (
          <>
            <VerdictShape outcome={record.outcome} />
            <span className="hidden-text">{t.common.verdicts[record.outcome]}, </span>
          </>
        )}
        <What record={record} />
      </div>
      <div role="gridcell" className="cell cell-who">
        {record.program === undefined ? null : <ProgramName path={record.program} />}
      </div>
      <div role="gridcell" className="cell cell-rule">
        <span className="ellipsis">{record.rule === undefined ? "" : formatPrintable(record.rule.name)}</span>
      </div>
    </div>
  );
}

function What({ record }: { readonly record: AuditRecord }) {
  if (record.host !== undefined) return <Destination connection={{ host: record.host, port: record.port ?? 0 }} />;
  const { event } = record.body;
  return <span className="ellipsis code">{typeof event === "string" ? formatPrintable(event) : ""}</span>;
}
