import type { AuditRecord } from "../../../agent/contract/index.ts";
import { type Fact, FactList, formatDestination, Incident, RuleLink, Verdict } from "../../pieces/index.ts";
import { formatPlace } from "../../store/index.ts";
import { formatPrintable, formatPrintableLines, useText } from "../../text/index.ts";
import { SidePanel } from "../../ui/index.ts";

export function AuditDetail({ record, onClose }: { readonly record: AuditRecord; readonly onClose: () => void }) {
  const { t, f } = useText();
  const words = t.audit;
  const facts: readonly Fact[] = [
    [words.columns.time, f.moment(record.time)],
    [words.columns.kind, words.kinds[record.kind]],
    [words.outcome, record.outcome && <Verdict outcome={record.outcome} />],
    [words.columns.what, record.host && formatDestination({ host: record.host, port: record.port ?? 0 })],
    [words.columns.rule, record.rule && <RuleLink rule={record.rule} />],
    [words.columns.who, record.program && formatPrintable(record.program)],
    [words.fields.user, record.user && formatPrintable(record.user)],
    [words.fields.connection, record.connection && <ConnectionLink id={record.connection} says={words.toConnection} />],
    [words.fields.hash, <Digest hex={record.hash} key="hash" />],
    [words.fields.prev, <Digest hex={record.prev} key="prev" />],
  ];
  return (
    <SidePanel title={words.detail(record.seq)} closeLabel={t.connections.back} onClose={onClose}>
      <FactList facts={facts} />
      {record.incident === undefined ? null : <Incident incident={record.incident} />}
      <section className="stack-small">
        <h3>{words.fields.body}</h3>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard (WCAG 2.1.1) */}
        <pre className="code-block" tabIndex={0}>
          {formatPrintableLines(JSON.stringify(record.body, null, 2))}
        </pre>
      </section>
    </SidePanel>
  );
}

function Digest({ hex }: { readonly hex: string }) {
  return <span className="code wrap-anywhere">{hex}</span>;
}

function ConnectionLink({ id, says }: { readonly id: string; readonly says: string }) {
  return (
    <>
      <span className="code">{formatPrintable(id)}</span> · <a href={formatPlace({ screen: "connections", details: { id } })}>{says}</a>
    </>
  );
}
