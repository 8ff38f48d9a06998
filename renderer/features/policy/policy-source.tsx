import { memo, useEffect, useMemo, useRef } from "react";
import type { PolicyRuleView, PolicyView } from "../../../agent/contract/index.ts";
import { PolicyCode } from "../../pieces/index.ts";
import { useHere, usePortail } from "../../store/index.ts";
import { useText } from "../../text/index.ts";
import { RuleList } from "./rule-list.tsx";

/** The text in force, with how often each rule decided beside its first line; the rules beside the text. */
export function PolicySource({ view }: { readonly view: PolicyView }) {
  const { t } = useText();
  const { place } = usePortail();
  const line = Number(useHere().details["line"] ?? "");
  const lines = useMemo(() => view.text.split("\n"), [view.text]);
  const ruleAt = useMemo(() => new Map(view.rules.map((rule) => [rule.rule.line, rule])), [view.rules]);
  const marked = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (line > 0) marked.current?.scrollIntoView({ block: "center" });
  }, [line]);
  return (
    <div className="policy-columns">
      <div className="panel source" role="region" aria-label={t.policy.source} tabIndex={0}>
        <ol className="source-lines">
          {lines.map((text, index) => (
            <li
              // oxlint-disable-next-line react/no-array-index-key -- a line's number is its identity
              key={index}
              ref={index + 1 === line ? marked : null}
              className={index + 1 === line ? "source-line source-line-marked" : "source-line"}
            >
              <Hits rule={ruleAt.get(index + 1)} />
              <span className="source-number">{index + 1}</span>
              <Code text={text} />
            </li>
          ))}
        </ol>
      </div>
      <RuleList rules={view.rules} marked={line} onLine={(target) => place.adjust({ line: String(target) })} />
    </div>
  );
}

function Hits({ rule }: { readonly rule: PolicyRuleView | undefined }) {
  const { t, f } = useText();
  if (rule === undefined || rule.hits === 0) return <span className="source-hits" />;
  return (
    <span className="source-hits source-hits-some" title={t.policy.hitsOf(f.count(rule.hits))}>
      {f.count(rule.hits)}
      <span className="hidden-text"> {t.policy.hits}; </span>
    </span>
  );
}

const Code = memo(function Code({ text }: { readonly text: string }) {
  return (
    <code className="source-code">
      <PolicyCode text={text} />
    </code>
  );
});
