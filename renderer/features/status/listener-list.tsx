import { useState } from "react";
import type { ListenerStatus } from "../../../agent/contract/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { CodeLine, CopyButton, EmptyState, Icon, Segments } from "../../ui/index.ts";
import { type ExampleName, examplesOf } from "./listener-examples.ts";

export function ListenerList({ listeners }: { readonly listeners: readonly ListenerStatus[] }) {
  const { t } = useText();
  return (
    <section className="panel" aria-labelledby="listeners-title">
      <div className="panel-head">
        <h2 id="listeners-title">{t.status.listeners.title}</h2>
      </div>
      {listeners.length === 0 ? (
        <EmptyState icon="door" title={t.status.listeners.none} says={t.status.listeners.noneHint} />
      ) : (
        <ul>
          {listeners.map((listener) => (
            <Listener key={listener.name} listener={listener} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Listener({ listener }: { readonly listener: ListenerStatus }) {
  const { t, f } = useText();
  const words = t.status.listeners;
  const tone = listener.state === "listening" ? "allow" : listener.state === "paused" ? "ask" : "deny";
  return (
    <li className="listener">
      <div className="listener-head">
        <h3>{formatPrintable(listener.name)}</h3>
        <span className="quiet">{words.kinds[listener.kind]}</span>
        <span className={`lamp-word tone-${tone}`}>
          <span className="lamp" aria-hidden="true" />
          {words.states[listener.state]}
        </span>
      </div>
      <ul className="addresses">
        {listener.addresses.map((address) => (
          <li key={address} className="address">
            <span className="code wrap-anywhere">{formatPrintable(address)}</span>
            <CopyButton text={address} label={t.common.copyThing(address)} done={t.common.copied} />
          </li>
        ))}
        <li className="quiet listener-users">
          {words.users[listener.users] ?? formatPrintable(listener.users)} · {words.open(f.count(listener.connections))}
        </li>
      </ul>
      {listener.problem === undefined ? null : (
        <p className="listener-problem wrap-anywhere">
          <Icon name="warning" /> {formatPrintable(listener.problem)}
        </p>
      )}
      {listener.state === "listening" ? <Examples listener={listener} /> : null}
    </li>
  );
}

function Examples({ listener }: { readonly listener: ListenerStatus }) {
  const { t } = useText();
  const words = t.status.listeners;
  const examples = examplesOf(listener);
  const [wanted, setWanted] = useState<ExampleName | undefined>(undefined);
  const chosen = examples.find((example) => example.name === wanted) ?? examples[0];
  if (chosen === undefined) return null;
  return (
    <div className="examples">
      {examples.length === 1 ? null : (
        <Segments
          label={words.examples}
          value={chosen.name}
          options={examples.map(({ name, says }) => ({ value: name, says }))}
          onValue={setWanted}
        />
      )}
      <CodeLine text={chosen.command} label={t.common.copyThing(chosen.says)} done={t.common.copied} />
      <p className="field-hint">{words.exampleHint[chosen.name]}</p>
    </div>
  );
}
