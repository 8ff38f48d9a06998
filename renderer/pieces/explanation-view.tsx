import type { Explanation, FailureCode, RequirementView } from "../../agent/contract/index.ts";
import { failureText, formatPrintable, useText } from "../text/index.ts";
import { Icon } from "../ui/index.ts";
import { ConnectionPath } from "./connection-path.tsx";
import { formatDestination } from "./connection-name.ts";
import { HelpLink } from "./help-link.tsx";
import { Incident } from "./incident.tsx";
import { PolicyCode } from "./policy-code.tsx";
import { Prose } from "./prose.tsx";
import { RuleLink } from "./rule-name.tsx";
import { toneOf, VerdictShape } from "./verdict.tsx";

export interface ExplanationViewProps {
  readonly explanation: Explanation;
  readonly program?: string | undefined;
  readonly backend?: string | undefined;
  /** Why the destination was not reached although it was allowed. */
  readonly failure?: FailureCode | undefined;
}

/** The whole story of one decision: what, by which rule, what it lacked, what would mend it. */
export function ExplanationView({ explanation, program, backend, failure }: ExplanationViewProps) {
  const { t, f } = useText();
  const words = t.explanation;
  const tone = toneOf(explanation.outcome);
  return (
    <div className="explanation">
      <div className={`explanation-head tone-${tone}`}>
        <VerdictShape outcome={explanation.outcome} />
        <div className="stack-small grow">
          <p className="explanation-verdict">{words.headline[explanation.outcome]}</p>
          <p className="wrap-anywhere">
            <bdi>{formatDestination(explanation)}</bdi> {words.by} <RuleLink rule={explanation.rule} />
          </p>
        </div>
      </div>
      <ConnectionPath
        explanation={explanation}
        program={program}
        backend={backend ?? explanation.backends[0]}
        failed={failure !== undefined}
      />
      {failure === undefined ? null : <NotReached code={failure} />}
      <Sayings explanation={explanation} />
      {explanation.requirements.length === 0 ? null : (
        <section className="stack">
          <h3>{words.requirements}</h3>
          <ul className="requirements">
            {explanation.requirements.map((requirement) => (
              <Requirement key={`${requirement.label}${requirement.line}`} requirement={requirement} />
            ))}
          </ul>
        </section>
      )}
      <Unknowns unknown={explanation.unknown} />
      {explanation.remedy === undefined ? null : (
        <section className="remedy stack-small">
          <h3>{words.remedy}</h3>
          <p className="code wrap-anywhere">
            <PolicyCode text={explanation.remedy} />
          </p>
          <p className="quiet">{words.remedyChecked}</p>
        </section>
      )}
      <Others explanation={explanation} />
      <p className="quiet">{words.examined(f.count(explanation.examined), f.count(explanation.rules))}</p>
      {explanation.incident === undefined ? null : <Incident incident={explanation.incident} />}
    </div>
  );
}

function NotReached({ code }: { readonly code: FailureCode }) {
  const { sentence, remedy } = failureText(code);
  return (
    <div className="notice-box notice-box-ask">
      <Icon name="warning" />
      <p>
        <strong>{sentence}</strong> <Prose says={remedy} />
      </p>
    </div>
  );
}

function Sayings({ explanation }: { readonly explanation: Explanation }) {
  const { t } = useText();
  const noRule = explanation.rule.kind === "default" && explanation.outcome === "deny";
  const say = explanation.say ?? (noRule ? t.explanation.noRule : undefined);
  if (say === undefined && explanation.help === undefined) return null;
  return (
    <div className="saying stack-small">
      {say === undefined ? null : <p className="wrap-anywhere">{formatPrintable(say)}</p>}
      {explanation.help === undefined ? null : <HelpLink address={explanation.help} />}
      {noRule ? <p className="quiet">{t.explanation.noRuleHint}</p> : null}
    </div>
  );
}

const shapeOfState = { true: "allow", false: "deny", unknown: "challenge", error: "challenge" } as const;

function Requirement({ requirement }: { readonly requirement: RequirementView }) {
  const { t } = useText();
  return (
    <li className="requirement">
      <VerdictShape outcome={shapeOfState[requirement.state]} />
      <div className="stack-small grow">
        <p>
          <strong>{formatPrintable(requirement.label)}</strong> {t.explanation.requirementStates[requirement.state]}{" "}
          <span className="quiet">{t.common.line(requirement.line)}</span>
        </p>
        <p className="code wrap-anywhere">
          <PolicyCode text={requirement.text} />
        </p>
        {requirement.facts.map((fact) => (
          <p key={fact.attribute} className="fact wrap-anywhere">
            <span className="code">
              {formatPrintable(fact.attribute)} = {formatPrintable(fact.value)}
            </span>{" "}
            {fact.source === undefined ? null : <span className="quiet">{t.explanation.factFrom(fact.source)}</span>}
          </p>
        ))}
        {requirement.say === undefined || requirement.state === "true" ? null : (
          <p className="requirement-say">{formatPrintable(requirement.say)}</p>
        )}
        {requirement.help === undefined ? null : <HelpLink address={requirement.help} />}
      </div>
    </li>
  );
}

function Unknowns({ unknown }: { readonly unknown: Explanation["unknown"] }) {
  const { t } = useText();
  if (unknown.length === 0) return null;
  return (
    <section className="stack-small">
      <h3>{t.explanation.unknown}</h3>
      <ul className="stack-small">
        {unknown.map((fact) => (
          <li key={fact.attribute} className="wrap-anywhere">
            <span className="code">{formatPrintable(fact.attribute)}</span>: {formatPrintable(fact.why)}{" "}
            {fact.source === undefined ? null : <span className="quiet">{t.explanation.factFrom(fact.source)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Others({ explanation }: { readonly explanation: Explanation }) {
  const { t } = useText();
  if (explanation.others.length === 0) return null;
  return (
    <details className="disclosure">
      <summary>{t.explanation.others(explanation.others.length)}</summary>
      <ul className="stack others">
        {explanation.others.map((other) => (
          <li key={`${other.rule.kind}${other.rule.name}`} className="stack-small">
            <p>
              <RuleLink rule={other.rule} /> <span className="quiet">{t.explanation.otherStates[other.state]}</span>
            </p>
            <p className="code wrap-anywhere">
              <PolicyCode text={other.text} />
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}
