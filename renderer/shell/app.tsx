import "./shell.css";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { HoldBanner } from "../features/holds/index.ts";
import { QuestionPrompts, TouchNotices } from "../features/questions/index.ts";
import { useAgent, useHere, usePortail } from "../store/index.ts";
import { selectLanguage, TextProvider, useText } from "../text/index.ts";
import { useMedia } from "../ui/index.ts";
import { AgentGate } from "./agent-gate.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Navigation } from "./navigation.tsx";
import { Notices } from "./notices.tsx";
import { screenOf } from "./screens.tsx";
import { ShortcutList } from "./shortcut-list.tsx";
import { UnverifiedBanner } from "./unverified-banner.tsx";
import { useShortcuts } from "./use-shortcuts.ts";

export function App() {
  const settings = useStore(usePortail().settings);
  const systemDark = useMedia("(prefers-color-scheme: dark)");
  const theme = settings.theme === "system" ? (systemDark ? "dark" : "light") : settings.theme;
  const language = selectLanguage(settings.language, navigator.languages);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
    document.documentElement.lang = language;
  }, [theme, language]);
  return (
    <TextProvider language={language}>
      <Layout />
    </TextProvider>
  );
}

function Layout() {
  const { t } = useText();
  const { screen } = useHere();
  const [shortcuts, setShortcuts] = useState(false);
  useShortcuts({ onHelp: () => setShortcuts(true) });
  const isAsking = useAgent(({ questions, holds }) => Object.values(questions).some((list) => list.length > 0) || holds.length > 0);
  useEffect(() => {
    const title = `${t.shell.names[screen]} · ${t.shell.product}`;
    document.title = isAsking ? t.shell.asking(title) : title;
  }, [t, screen, isAsking]);
  const Screen = screenOf[screen];
  return (
    <div className="layout">
      <a className="skip" href="#content" onClick={skipToContent}>
        {t.shell.skip}
      </a>
      <Navigation onShortcuts={() => setShortcuts(true)} />
      <main id="content" className="content" tabIndex={-1}>
        <ErrorBoundary key={screen} text={t.shell.broken}>
          <UnverifiedBanner />
          <TouchNotices />
          <HoldBanner />
          <AgentGate always={screen === "settings"}>
            <Screen />
          </AgentGate>
        </ErrorBoundary>
      </main>
      <Notices />
      <QuestionPrompts />
      {shortcuts ? <ShortcutList onClose={() => setShortcuts(false)} /> : null}
    </div>
  );
}

/** The page's address after `#` is the place, so the link moves the focus itself. */
function skipToContent(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}
