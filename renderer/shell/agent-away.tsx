import type { ReactNode } from "react";
import { type AgentProcess, useNow, usePortail } from "../store/index.ts";
import { type Catalogue, formatPrintable, useText } from "../text/index.ts";
import { Button, CodeLine, CopyButton } from "../ui/index.ts";
import { Mark } from "./mark.tsx";

type Words = Catalogue["shell"]["away"];

function wordsOf(agent: AgentProcess, words: Words): { readonly title: string; readonly says: string } {
  switch (agent.state) {
    case "starting":
    case "running":
      return { title: words.startingTitle, says: words.startingSays };
    case "restarting":
      return { title: words.restartingTitle, says: words.restartingSays(agent.attempt) };
    case "crash_loop":
      return { title: words.crashedTitle, says: words.crashedSays(agent.restarts) };
    case "unreachable":
      return { title: words.unreachableTitle, says: words.unreachableSays };
    case "signed_out":
      return { title: words.signedOutTitle, says: words.signedOutSays };
    case "stopped":
      return { title: words.stoppedTitle, says: words.stoppedSays };
  }
}

/** There is no agent to show: what happened, what is being done, what the person can do. */
export function AgentAway({ agent }: { readonly agent: AgentProcess }) {
  const { t, f } = useText();
  const now = useNow();
  const { title, says } = wordsOf(agent, t.shell.away);
  const working = agent.state === "starting" || agent.state === "running" || agent.state === "restarting";
  const retryAt = "retryAt" in agent ? agent.retryAt : undefined;
  return (
    <section className={working ? "away away-working" : "away"} aria-live="polite">
      <Mark />
      <h1>{title}</h1>
      <p className="away-says">{says}</p>
      {agent.state === "unreachable" ? <p className="code quiet wrap-anywhere">{formatPrintable(agent.detail)}</p> : null}
      {retryAt === undefined || retryAt <= now ? null : <p className="quiet">{t.shell.away.retryIn(f.age(retryAt - now + 999))}</p>}
      {agent.state === "signed_out" ? <CommandHint command="portail console" /> : null}
      <AwayActions agent={agent} />
      {"lastLog" in agent && agent.lastLog.length > 0 ? <LastLog lines={agent.lastLog} /> : null}
    </section>
  );
}

function CommandHint({ command }: { readonly command: string }) {
  const { t } = useText();
  return <CodeLine text={command} label={t.common.copyThing(command)} done={t.common.copied} />;
}

function AwayActions({ agent }: { readonly agent: AgentProcess }): ReactNode {
  const { t } = useText();
  const { bridge, notices } = usePortail();
  const idle = agent.state === "crash_loop" || agent.state === "stopped" || agent.state === "unreachable";
  if (!idle) return null;
  if (bridge.runtime === "console") return <CommandHint command="portail run" />;
  const restart = () => {
    bridge.ask("agent.restart", {}).catch(() => notices.tell("failed", t.shell.away.restartFailed));
  };
  const openLogs = () => {
    bridge.ask("window.openLogs", {}).catch(() => notices.tell("failed", t.shell.away.openLogs));
  };
  return (
    <div className="away-actions">
      <Button tone="main" onClick={restart}>
        {t.shell.away.restart}
      </Button>
      <Button onClick={openLogs}>{t.shell.away.openLogs}</Button>
    </div>
  );
}

function LastLog({ lines }: { readonly lines: readonly string[] }) {
  const { t } = useText();
  const text = lines.map(formatPrintable).join("\n");
  return (
    <section className="away-log">
      <div className="away-log-head">
        <h2>{t.shell.away.lastLog}</h2>
        <CopyButton words text={text} label={t.shell.away.copyLog} done={t.common.copied} />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard (WCAG 2.1.1) */}
      <pre className="code-block" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
