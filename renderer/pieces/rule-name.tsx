import type { RuleRef } from "../../agent/contract/index.ts";
import { formatPlace } from "../store/index.ts";
import { useText } from "../text/index.ts";

/** `policy git-push`, with its line; a link to the policy's text when it is written somewhere. */
export function RuleLink({ rule }: { readonly rule: RuleRef }) {
  const { t } = useText();
  const kind = t.common.ruleKinds[rule.kind];
  if (rule.line === undefined) return <span className="rule">{rule.kind === "default" ? rule.name : `${kind} ${rule.name}`}</span>;
  return (
    <a className="rule" href={formatPlace({ screen: "policy", details: { line: String(rule.line) } })}>
      {kind} <strong>{rule.name}</strong>, {t.common.line(rule.line)}
    </a>
  );
}
