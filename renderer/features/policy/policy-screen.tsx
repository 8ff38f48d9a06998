import "./policy.css";
import type { PolicyView } from "../../../agent/contract/index.ts";
import { FailureBox, ProblemList, ScreenHead, TestList } from "../../pieces/index.ts";
import { useHere, usePortail } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { EmptyState, Icon, Tabs, Waiting } from "../../ui/index.ts";
import { ExplainForm } from "./explain-form.tsx";
import { PolicySource } from "./policy-source.tsx";
import { testSummary } from "./test-summary.ts";
import { usePolicy } from "./use-policy.ts";
import { WhatIf } from "./what-if.tsx";

const tabs = ["source", "explain", "whatif", "tests"] as const;
const commands = {
  source: "portail policy check",
  explain: "portail explain --host H --port P",
  whatif: "portail policy diff OLD NEW",
  tests: "portail policy test",
} as const;

export function PolicyScreen() {
  const { t, f } = useText();
  const { place } = usePortail();
  const { details } = useHere();
  const policy = usePolicy();
  const tab = tabs.find((name) => name === details["tab"]) ?? "source";
  const view = policy.value;
  const source =
    view === undefined ? undefined : view.source === "built-in" ? t.policy.builtIn : t.policy.from(formatPrintable(view.source));
  return (
    <div className="policy">
      <ScreenHead
        title={t.shell.names.policy}
        says={view === undefined ? "" : `${source}, ${t.policy.loaded(f.moment(view.loadedAt))}`}
        command={commands[tab]}
      />
      {policy.error === undefined ? null : <FailureBox error={policy.error} onAgain={policy.again} />}
      {view === undefined && policy.error === undefined ? <Waiting says={t.common.loading} /> : null}
      {view === undefined ? null : (
        <>
          <RefusedText view={view} />
          <Tabs
            label={t.policy.views}
            value={tab}
            options={tabs.map((value) => ({ value, says: t.policy.tabs[value] }))}
            onValue={(value) => place.adjust({ tab: value, line: "" })}
          >
            <PolicyTab view={view} tab={tab} />
          </Tabs>
        </>
      )}
    </div>
  );
}

function PolicyTab({ view, tab }: { readonly view: PolicyView; readonly tab: (typeof tabs)[number] }) {
  switch (tab) {
    case "source":
      return <PolicySource view={view} />;
    case "explain":
      return <ExplainForm />;
    case "whatif":
      return <WhatIf view={view} />;
    case "tests":
      return <Tests view={view} />;
  }
}

function Tests({ view }: { readonly view: PolicyView }) {
  const { t } = useText();
  const { place } = usePortail();
  const { tests } = view.report;
  if (tests.length === 0) return <EmptyState icon="check" title={t.policy.noTests} />;
  return (
    <section className="panel policy-tests">
      <div className="panel-head">
        <h2>{testSummary(tests, t.policy)}</h2>
      </div>
      <div className="panel-body">
        <TestList tests={tests} onLine={(line) => place.adjust({ tab: "source", line: String(line) })} />
      </div>
    </section>
  );
}

function RefusedText({ view }: { readonly view: PolicyView }) {
  const { t } = useText();
  if (view.refused === undefined) return null;
  return (
    <section className="notice-box notice-box-deny" aria-labelledby="refused-title">
      <Icon name="warning" />
      <div className="grow stack-small">
        <h2 id="refused-title">{t.policy.refusedTitle}</h2>
        <p>{t.policy.refusedSays}</p>
        <ProblemList problems={view.refused.problems} />
      </div>
    </section>
  );
}
