import type { ConnectionView } from "../../../agent/contract/index.ts";
import { Destination, failureOf, ProgramName, VerdictShape } from "../../pieces/index.ts";
import { formatPlace, useAgent, useNow } from "../../store/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import { Icon } from "../../ui/index.ts";

const shownAtMost = 5;

/** The latest "no"s, one step away from their why. */
export function RecentRefusals() {
  const { t } = useText();
  const connections = useAgent((state) => state.newestFirst);
  const refusals = connections.filter(isRefusal).slice(0, shownAtMost);
  const words = t.status.refusals;
  return (
    <section className="panel" aria-labelledby="refusals-title">
      <div className="panel-head">
        <h2 id="refusals-title" className="grow">
          {words.title}
        </h2>
        {refusals.length === 0 ? null : <a href={formatPlace({ screen: "connections", details: { verdict: "refused" } })}>{words.all}</a>}
      </div>
      {refusals.length === 0 ? (
        <p className="panel-body quiet">{words.none}</p>
      ) : (
        <ul className="refusals">
          {refusals.map((connection) => (
            <Refusal key={connection.id} connection={connection} />
          ))}
        </ul>
      )}
    </section>
  );
}

function isRefusal(connection: ConnectionView): boolean {
  return (connection.outcome !== undefined && connection.outcome !== "allow") || failureOf(connection) !== undefined;
}

function Refusal({ connection }: { readonly connection: ConnectionView }) {
  const { t, f } = useText();
  const now = useNow();
  const failure = failureOf(connection);
  return (
    <li>
      <a className="refusal" href={formatPlace({ screen: "connections", details: { id: connection.id } })}>
        <ProgramName path={connection.program} />
        <Destination connection={connection} />
        <span className="refusal-rule">
          {failure === undefined ? <VerdictShape outcome={connection.outcome} /> : <Icon name="warning" />}
          <span className="hidden-text">{connection.outcome === undefined ? "" : t.common.verdicts[connection.outcome]}, </span>
          <span className="ellipsis">
            {failure === undefined ? formatPrintable(connection.rule?.name ?? "") : failureText(failure).short}
          </span>
        </span>
        <span className="numeric quiet">{f.age(now - connection.startedAt)}</span>
      </a>
    </li>
  );
}
