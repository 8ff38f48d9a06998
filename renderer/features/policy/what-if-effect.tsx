import type { Outcome, PolicyReport, WhatIf } from "../../../agent/contract/index.ts";
import { Destination, FailureBox, ProblemList, ProgramName, RuleLink, TestList, Verdict } from "../../pieces/index.ts";
import { type BridgeError, formatPlace } from "../../store/index.ts";
import { useText } from "../../text/index.ts";
import { Icon } from "../../ui/index.ts";
import { selectLine } from "./select-line.ts";
import { testSummary } from "./test-summary.ts";

export interface WhatIfEffectProps {
  readonly text: string;
  readonly changed: boolean;
  readonly busy: boolean;
  readonly report: PolicyReport | undefined;
  readonly effect: WhatIf | undefined;
  readonly error: BridgeError | undefined;
}

/** Beside the copy: its mistakes, its tests, and whom it would open or close. */
export function WhatIfEffect({ text, changed, busy, report, effect, error }: WhatIfEffectProps) {
  const { t } = useText();
  const words = t.policy.whatif;
  const goTo = (line: number) => selectLine(text, line);
  return (
    <div className="whatif-effect">
      <p className="whatif-state quiet" role="status">
        {busy ? words.checking : changed ? words.checked : words.unchanged}
      </p>
      {error === undefined ? null : <FailureBox error={error} />}
      {report === undefined ? null : (
        <section className="panel">
          <div className="panel-head">
            <h2>{report.problems.length === 0 ? words.fine : t.policy.problemCount(report.problems.length)}</h2>
          </div>
          <div className="panel-body">
            {report.problems.length === 0 ? null : <ProblemList problems={report.problems} onLine={goTo} />}
            {report.ok ? <TestOutcome report={report} onLine={goTo} /> : <p className="quiet">{words.brokenFirst}</p>}
          </div>
        </section>
      )}
      {changed && report?.ok === true && effect !== undefined ? <Changes effect={effect} /> : null}
    </div>
  );
}

function TestOutcome({ report, onLine }: { readonly report: PolicyReport; readonly onLine: (line: number) => void }) {
  const { t } = useText();
  const failing = report.tests.filter((test) => !test.passed);
  return (
    <>
      <p className={failing.length === 0 ? "whatif-tests tone-allow" : "whatif-tests tone-deny"}>
        <Icon name={failing.length === 0 ? "check" : "warning"} /> {testSummary(report.tests, t.policy)}
      </p>
      <TestList tests={failing} onLine={onLine} />
    </>
  );
}

const shownAtMost = 50;

function Changes({ effect }: { readonly effect: WhatIf }) {
  const { t, f } = useText();
  const words = t.policy.whatif;
  const { changes } = effect;
  const examined = f.count(effect.examined);
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{changes.length === 0 ? words.noChange(examined) : words.changes(changes.length, examined)}</h2>
      </div>
      <ul className="panel-body changes">
        {changes.slice(0, shownAtMost).map(({ connection, before, after, rule }) => (
          <li key={connection.id} className="change">
            <a className="change-who" href={formatPlace({ screen: "connections", details: { id: connection.id } })}>
              <ProgramName path={connection.program} />
              <Destination connection={connection} />
            </a>
            <span className="change-how">
              <Verdict outcome={before} />
              <Icon name="arrow" />
              <Verdict outcome={after} />
              <span className="quiet">{wordOfChange(before, after, words)}</span>
            </span>
            <span className="quiet">
              <RuleLink rule={rule} />
            </span>
          </li>
        ))}
        {changes.length > shownAtMost ? <li className="quiet">{words.more(changes.length - shownAtMost)}</li> : null}
      </ul>
    </section>
  );
}

function wordOfChange(
  before: Outcome,
  after: Outcome,
  words: { readonly opens: string; readonly closes: string; readonly differs: string },
): string {
  if (after === "allow") return words.opens;
  return before === "allow" ? words.closes : words.differs;
}
