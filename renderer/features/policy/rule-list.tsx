import type { Outcome, PolicyRuleView } from "../../../agent/contract/index.ts";
import { VerdictShape } from "../../pieces/index.ts";
import { formatPlace, useAgent, useNow } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";

export interface RuleListProps {
  readonly rules: readonly PolicyRuleView[];
  readonly marked: number;
  readonly onLine: (line: number) => void;
}

/** Every rule with what it does, how often it decided, and its latest decisions. */
export function RuleList({ rules, marked, onLine }: RuleListProps) {
  const { t } = useText();
  return (
    <section className="panel rules" aria-labelledby="rules-title">
      <div className="panel-head">
        <h2 id="rules-title">{t.policy.rules}</h2>
      </div>
      <ul className="rule-list">
        {rules.map((rule) => (
          <Rule key={`${rule.rule.kind}${rule.rule.name}`} view={rule} marked={rule.rule.line === marked} onLine={onLine} />
        ))}
      </ul>
    </section>
  );
}

const outcomeWords: readonly Outcome[] = ["allow", "deny", "redirect", "step_up", "challenge"];

function Rule({
  view,
  marked,
  onLine,
}: {
  readonly view: PolicyRuleView;
  readonly marked: boolean;
  readonly onLine: (line: number) => void;
}) {
  const { t, f } = useText();
  const now = useNow(10_000);
  const { rule, action, hits, lastHitAt } = view;
  const { line } = rule;
  const outcome = outcomeWords.find((word) => action.startsWith(word));
  const name = (
    <>
      <VerdictShape outcome={outcome} />
      <span className="rule-name ellipsis">{formatPrintable(rule.name)}</span>
      <span className="rule-kind">{t.common.ruleKinds[rule.kind]}</span>
      <span className="rule-hits">{hits === 0 ? <span className="quiet">{t.policy.noHits}</span> : t.policy.hitsOf(f.count(hits))}</span>
    </>
  );
  return (
    <li className={marked ? "rule-item rule-item-marked" : "rule-item"}>
      {line === undefined ? (
        <div className="rule-button">{name}</div>
      ) : (
        <button type="button" className="rule-button" title={t.policy.goToLine(rule.name, line)} onClick={() => onLine(line)}>
          {name}
        </button>
      )}
      {lastHitAt === undefined ? null : (
        <p className="rule-last">
          <span className="quiet">{t.policy.lastHit(f.age(now - lastHitAt))}</span> <LastDecisions ids={view.lastConnections} />
        </p>
      )}
    </li>
  );
}

function LastDecisions({ ids }: { readonly ids: readonly string[] }) {
  const connections = useAgent((state) => state.connections);
  const hosts = new Map(
    ids
      .toReversed()
      .flatMap((id) => connections.get(id) ?? [])
      .map(({ id, host }) => [host, id]),
  );
  return [...hosts].map(([host, id]) => {
    return (
      <a key={id} className="rule-decision ellipsis" href={formatPlace({ screen: "connections", details: { id } })}>
        {formatPrintable(host)}
      </a>
    );
  });
}
