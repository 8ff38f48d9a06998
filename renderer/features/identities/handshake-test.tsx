import { type FormEvent, useId, useState } from "react";
import type { HandshakeStory } from "../../../agent/contract/index.ts";
import { FailureBox } from "../../pieces/index.ts";
import { type BridgeError, bridgeErrorOf, useAgent, usePortail } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { Button, Field, Waiting } from "../../ui/index.ts";
import { parseServer } from "./parse-server.ts";
import { Story } from "./story.tsx";
import { textOf } from "./text-of.ts";

type Outcome = { readonly story: HandshakeStory } | { readonly error: BridgeError };

export interface HandshakeTestProps {
  readonly name: string;
  /** The trial opened the identity. */
  readonly onTested: () => void;
}

/** Shake hands with a server by an identity, and tell how it went. */
export function HandshakeTest({ name, onTested }: HandshakeTestProps) {
  const { t } = useText();
  const words = t.identities.test;
  const { bridge } = usePortail();
  const suggestions = useAgent((state) => state.status?.backends)?.flatMap(({ address }) => address ?? []) ?? [];
  const [outcome, setOutcome] = useState<Outcome | "busy" | undefined>(undefined);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const server = parseServer(textOf(form, "server"));
    setProblem(server === undefined ? words.badHost : undefined);
    if (server === undefined) return;
    setOutcome("busy");
    bridge
      .ask("identity.test", {
        name,
        ...server,
        ...optional("serverName", textOf(form, "serverName")),
        ...optional("ca", textOf(form, "ca")),
      })
      .then(
        (story) => setOutcome({ story }),
        (cause: unknown) => setOutcome({ error: bridgeErrorOf(cause) }),
      )
      .finally(onTested);
  };
  return (
    <section className="trial" aria-label={words.title(formatPrintable(name))}>
      <form className="stack" onSubmit={submit}>
        <Trial problem={problem} suggestions={suggestions} isBusy={outcome === "busy"} />
      </form>
      <div role="status">
        {outcome === "busy" ? <Waiting says={words.busy} /> : null}
        {typeof outcome === "object" && "story" in outcome ? <Story story={outcome.story} good={words.good} /> : null}
        {typeof outcome === "object" && "error" in outcome ? <FailureBox error={outcome.error} /> : null}
      </div>
    </section>
  );
}

const optional = <K extends string>(key: K, value: string) => (value === "" ? {} : { [key]: value });

interface TrialProps {
  readonly problem: string | undefined;
  readonly suggestions: readonly string[];
  readonly isBusy: boolean;
}

function Trial({ problem, suggestions, isBusy }: TrialProps) {
  const { t } = useText();
  const words = t.identities.test;
  const listId = useId();
  return (
    <>
      <div className="trial-row">
        <Field label={words.host} hint={words.hostHint} error={problem}>
          {(control) => <input {...control} className="input" name="server" list={listId} required maxLength={1030} spellCheck={false} />}
        </Field>
        <datalist id={listId}>
          {suggestions.map((address) => (
            <option key={address} value={address} />
          ))}
        </datalist>
        <Button type="submit" tone="main" disabled={isBusy}>
          {words.go}
        </Button>
      </div>
      <details className="disclosure">
        <summary>{words.more}</summary>
        <div className="stack trial-more">
          <Field label={words.serverName} hint={words.serverNameHint}>
            {(control) => <input {...control} className="input" name="serverName" maxLength={1024} spellCheck={false} />}
          </Field>
          <Field label={words.ca} hint={words.caHint}>
            {(control) => <textarea {...control} className="input code pem" name="ca" rows={4} spellCheck={false} />}
          </Field>
        </div>
      </details>
    </>
  );
}
