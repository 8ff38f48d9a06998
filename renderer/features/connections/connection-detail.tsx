import { type ReactNode, useEffect, useRef } from "react";
import type { ConnectionView } from "../../../agent/contract/index.ts";
import { ExplanationView, type Fact, FactList, FailureBox, failureOf, isLive, TerminalHint } from "../../pieces/index.ts";
import { formatPlace, useAgent, useCall, usePortail } from "../../store/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import { Button, focusRow, SidePanel, Waiting } from "../../ui/index.ts";

export interface ConnectionDetailProps {
  readonly id: string;
  readonly onClose: (connection: ConnectionView) => void;
}

/** The why panel. */
export function ConnectionDetail({ id, onClose }: ConnectionDetailProps) {
  const { t } = useText();
  const { place } = usePortail();
  const connection = useAgent((state) => state.connections.get(id) ?? state.newestFirst.find((one) => one.incident === id));
  const leave = () => {
    place.adjust({ id: "" });
    focusRow(id);
  };
  const closing =
    connection !== undefined && isLive(connection) ? (
      <Button small tone="danger" onClick={() => onClose(connection)}>
        {t.connections.close}
      </Button>
    ) : null;
  return (
    <SidePanel title={t.connections.details} closeLabel={t.connections.back} onClose={leave} actions={closing}>
      <Why id={id} connection={connection} />
      {connection === undefined ? null : <ConnectionFacts connection={connection} />}
      <div className="detail-links">
        <a href={formatPlace({ screen: "audit", details: connection === undefined ? { find: id } : { connection: connection.id } })}>
          {t.connections.toAudit}
        </a>
        {connection === undefined ? null : <TerminalHint command={`portail explain --host ${connection.host} --port ${connection.port}`} />}
      </div>
    </SidePanel>
  );
}

/** Asked again when the verdict or the state changes, not with every byte. */
function Why({ id, connection }: { readonly id: string; readonly connection: ConnectionView | undefined }): ReactNode {
  const { t } = useText();
  const explained = useCall("connections.explain", { id });
  const { again } = explained;
  const seen = useRef(connection?.outcome);
  useEffect(() => {
    if (seen.current !== connection?.outcome) again();
    seen.current = connection?.outcome;
  }, [again, connection?.outcome]);
  if (explained.value !== undefined) {
    return (
      <ExplanationView
        explanation={explained.value}
        program={connection?.program}
        backend={connection?.backend}
        failure={connection && failureOf(connection)}
      />
    );
  }
  if (explained.error === undefined) return <Waiting says={t.common.loading} />;
  if (explained.error.code === "CONTROL_NOT_FOUND") return <p className="quiet">{t.connections.gone}</p>;
  return <FailureBox error={explained.error} onAgain={again} />;
}

function ConnectionFacts({ connection }: { readonly connection: ConnectionView }) {
  const { t, f } = useText();
  const words = t.connections.facts;
  const end = connection.end;
  const facts: readonly Fact[] = [
    [
      words.program,
      connection.program && `${formatPrintable(connection.program)}${connection.pid === undefined ? "" : ` (${connection.pid})`}`,
    ],
    [words.user, connection.user && formatPrintable(connection.user)],
    [words.protocol, `${connection.protocol}${connection.method === undefined ? "" : ` ${connection.method}`} · ${connection.listener}`],
    [words.address, connection.address && formatPrintable(connection.address)],
    [words.state, stateText(connection, t.connections.live[connection.state], t.connections.served)],
    [words.moved, `${f.bytes(connection.up)} / ${f.bytes(connection.down)}`],
    [words.started, f.moment(connection.startedAt)],
    [words.ended, connection.endedAt && f.moment(connection.endedAt)],
    [words.id, <code key="id">{connection.id}</code>],
  ];
  return (
    <section className="stack" data-end={end}>
      <h3>{words.title}</h3>
      <FactList facts={facts} />
    </section>
  );
}

function stateText({ state, end }: ConnectionView, stateWord: string, served: string): string {
  if (state !== "ended" || end === undefined) return stateWord;
  return end === "served" ? served : failureText(end).sentence;
}
