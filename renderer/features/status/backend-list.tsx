import type { BackendStatus } from "../../../agent/contract/index.ts";
import { formatPlace } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";

const toneOfHealth = { healthy: "allow", unknown: "none", failing: "deny" } as const;

export function BackendList({ backends }: { readonly backends: readonly BackendStatus[] }) {
  const { t, f } = useText();
  const words = t.status.backends;
  return (
    <section className="panel" aria-labelledby="backends-title">
      <div className="panel-head">
        <h2 id="backends-title">{words.title}</h2>
      </div>
      <ul className="panel-body plain-rows">
        {backends.map((backend) => (
          <li key={backend.name} className="plain-row">
            <a href={formatPlace({ screen: "connections", details: { backend: backend.name } })}>{formatPrintable(backend.name)}</a>
            <span className={`lamp-word tone-${toneOfHealth[backend.health]}`}>
              <span className="lamp" aria-hidden="true" />
              {words.health[backend.health]}
            </span>
            <span className="numeric">{t.status.listeners.open(f.count(backend.connections))}</span>
            <span className="plain-row-note quiet wrap-anywhere">
              {backend.problem ??
                (backend.kind === "direct" ? words.direct : `${backend.kind} · ${formatPrintable(backend.address ?? "")}`)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
