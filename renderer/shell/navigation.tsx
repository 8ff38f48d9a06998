import { formatPlace, screens, useAgent, useHere } from "../store/index.ts";
import { useText } from "../text/index.ts";
import { Icon, IconButton } from "../ui/index.ts";
import { AgentState } from "./agent-state.tsx";
import { Mark } from "./mark.tsx";

export function Navigation({ onShortcuts }: { readonly onShortcuts: () => void }) {
  const { t, f } = useText();
  const { screen } = useHere();
  const live = useAgent((state) => state.status?.connections.live);
  return (
    <nav className="navigation" aria-label={t.shell.screens}>
      <div className="brand">
        <Mark />
        <span className="brand-name">{t.shell.product}</span>
      </div>
      <ul className="navigation-list">
        {screens.map((name, index) => (
          <li key={name}>
            <a
              className="navigation-link"
              href={formatPlace({ screen: name, details: {} })}
              aria-current={name === screen ? "page" : undefined}
              aria-keyshortcuts={String(index + 1)}
              title={t.shell.names[name]}
            >
              <Icon name={name} />
              <span className="navigation-word">{t.shell.names[name]}</span>
              {name === "connections" && live !== undefined ? (
                <span className="navigation-count" aria-hidden="true">
                  {f.count(live)}
                </span>
              ) : null}
            </a>
          </li>
        ))}
      </ul>
      <div className="navigation-foot">
        <AgentState />
        <IconButton small tone="plain" icon="keyboard" label={t.shell.shortcuts.open} onClick={onShortcuts} />
      </div>
    </nav>
  );
}
