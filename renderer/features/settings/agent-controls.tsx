import { useState } from "react";
import type { ReloadReport } from "../../../agent/contract/index.ts";
import { FailureBox, ProblemList } from "../../pieces/index.ts";
import { bridgeErrorOf, useAgent, useCall, usePortail } from "../../store/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import { Button, Waiting } from "../../ui/index.ts";

export function AgentControls() {
  const { t } = useText();
  const words = t.settings;
  const { bridge } = usePortail();
  const path = useAgent((state) => state.status?.configPath);
  return (
    <section className="panel" aria-labelledby="agent-controls-title">
      <div className="panel-head">
        <h2 id="agent-controls-title">{words.agent}</h2>
      </div>
      <div className="panel-body stack">
        <p className="wrap-anywhere">
          <span className="quiet">{words.configuration}: </span>
          {path === undefined ? words.builtInConfiguration : <span className="code">{formatPrintable(path)}</span>}
        </p>
        <Configuration />
        <Reload />
        {bridge.runtime === "desktop" ? <DesktopActions /> : null}
      </div>
    </section>
  );
}

function Configuration() {
  const { t } = useText();
  const [open, setOpen] = useState(false);
  const config = useCall("config.get", open ? {} : undefined);
  return (
    <details className="disclosure" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.settings.showConfiguration}</summary>
      {config.value === undefined ? null : (
        /* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard (WCAG 2.1.1) */
        <pre className="code-block" tabIndex={0}>
          {config.value.text}
        </pre>
      )}
      {config.state === "loading" ? <Waiting says={t.common.loading} /> : null}
      {config.error === undefined ? null : <FailureBox error={config.error} onAgain={config.again} />}
    </details>
  );
}

function useTold() {
  const { notices } = usePortail();
  const { t } = useText();
  return (cause: unknown) => notices.tell("failed", t.settings.failed(failureText(bridgeErrorOf(cause).code).sentence));
}

function Reload() {
  const { t } = useText();
  const { bridge } = usePortail();
  const [report, setReport] = useState<ReloadReport | undefined>(undefined);
  const onFailed = useTold();
  const reload = () => {
    bridge.ask("config.reload", {}).then(setReport, onFailed);
  };
  return (
    <div className="stack">
      <p>
        <Button onClick={reload}>{t.settings.reload}</Button>
      </p>
      <div role="status">{report === undefined ? null : <Reloaded report={report} />}</div>
    </div>
  );
}

function Reloaded({ report }: { readonly report: ReloadReport }) {
  const { t } = useText();
  if (!report.applied) {
    return (
      <div className="stack">
        <p>{t.settings.notReloaded}</p>
        <ProblemList problems={report.problems} />
      </div>
    );
  }
  return (
    <div className="stack-small">
      <p>{report.changes.length === 0 ? t.settings.unchanged : t.settings.reloaded}</p>
      <ul>
        {report.changes.map((change) => (
          <li key={change} className="code wrap-anywhere">
            {formatPrintable(change)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function DesktopActions() {
  const { t } = useText();
  const { bridge } = usePortail();
  const onFailed = useTold();
  return (
    <p className="setting-actions">
      <Button onClick={() => void bridge.ask("agent.restart", {}).catch(onFailed)}>{t.settings.restart}</Button>
      <Button onClick={() => void bridge.ask("window.openLogs", {}).catch(onFailed)}>{t.settings.openLogs}</Button>
      <Button tone="danger" onClick={() => void bridge.ask("app.quit", {}).catch(onFailed)}>
        {t.settings.quit}
      </Button>
    </p>
  );
}
