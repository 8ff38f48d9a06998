import { type FormEvent, useState } from "react";
import { ExplanationView, FailureBox, TerminalHint } from "../../pieces/index.ts";
import { useCall, useHere, usePortail } from "../../store/index.ts";
import { useText } from "../../text/index.ts";
import { Button, EmptyState, Waiting } from "../../ui/index.ts";
import { parseAttributes } from "./parse-attributes.ts";
import { type Draft, type Errors, noErrors, QuestionFields } from "./question-fields.tsx";

interface Question {
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
  readonly attributes: Record<string, string>;
}

/** What would be decided about a connection that nobody has opened. */
export function ExplainForm() {
  const { t } = useText();
  const { details } = useHere();
  const [question, setQuestion] = useState<Question | undefined>(() => firstQuestion(details["host"], details["port"]));
  const explained = useCall("explain", question);
  return (
    <div className="explain">
      <QuestionForm onAsk={setQuestion} />
      <section className="panel explain-answer" aria-live="polite">
        {question === undefined ? <EmptyState icon="policy" title={t.policy.explain.title} says={t.policy.explain.idle} /> : null}
        {explained.state === "loading" && explained.value === undefined ? <Waiting says={t.common.loading} /> : null}
        {explained.error === undefined ? null : <FailureBox error={explained.error} onAgain={explained.again} />}
        {explained.value === undefined || question === undefined ? null : (
          <>
            <ExplanationView explanation={explained.value} />
            <TerminalHint command={commandOf(question)} />
          </>
        )}
      </section>
    </div>
  );
}

function firstQuestion(host: string | undefined, port: string | undefined): Question | undefined {
  if (host === undefined || port === undefined || !isPort(Number(port))) return undefined;
  return { host, port: Number(port), protocol: "socks5", attributes: {} };
}

const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65535;

function commandOf({ host, port, protocol, attributes }: Question): string {
  const sets = Object.entries(attributes).map(([name, value]) => ` --set '${name}=${value}'`);
  return `portail explain --host ${host} --port ${port}${protocol === "socks5" ? "" : ` --protocol ${protocol}`}${sets.join("")}`;
}

function QuestionForm({ onAsk }: { readonly onAsk: (question: Question) => void }) {
  const { t } = useText();
  const { place } = usePortail();
  const { details } = useHere();
  const words = t.policy.explain;
  const [draft, setDraft] = useState<Draft>({
    host: details["host"] ?? "",
    port: details["port"] ?? "443",
    protocol: "socks5",
    attributes: "",
  });
  const [checked, setChecked] = useState(false);
  const attributes = parseAttributes(draft.attributes);
  const errors: Errors = {
    host: draft.host.trim() === "" ? words.badHost : undefined,
    port: isPort(Number(draft.port)) ? undefined : words.badPort,
    attributes: attributes.badLine === undefined ? undefined : words.badLine(attributes.badLine),
  };
  const ask = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (errors.host ?? errors.port ?? errors.attributes) return;
    place.adjust({ host: draft.host.trim(), port: draft.port });
    onAsk({ host: draft.host.trim(), port: Number(draft.port), protocol: draft.protocol, attributes: attributes.values });
  };
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  return (
    <form className="panel explain-form" onSubmit={ask} noValidate>
      <h2>{words.title}</h2>
      <QuestionFields draft={draft} errors={checked ? errors : noErrors} onChange={change} />
      <Button type="submit" tone="main">
        {words.ask}
      </Button>
    </form>
  );
}
