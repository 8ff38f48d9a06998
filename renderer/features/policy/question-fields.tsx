import { useText } from "../../text/index.ts";
import { Field } from "../../ui/index.ts";

const protocols = ["socks5", "http", "h2", "persona", "transparent", "gateway"] as const;

/** A question as it is being written. */
export interface Draft {
  readonly host: string;
  readonly port: string;
  readonly protocol: string;
  readonly attributes: string;
}

export type Errors = Readonly<Record<"host" | "port" | "attributes", string | undefined>>;
export const noErrors: Errors = { host: undefined, port: undefined, attributes: undefined };

export interface QuestionFieldsProps {
  readonly draft: Draft;
  readonly errors: Errors;
  readonly onChange: (part: Partial<Draft>) => void;
}

export function QuestionFields({ draft, errors, onChange }: QuestionFieldsProps) {
  const { t } = useText();
  const words = t.policy.explain;
  return (
    <>
      <div className="explain-target">
        <Field label={words.host} error={errors.host}>
          {(control) => (
            <input
              {...control}
              className="input"
              data-shortcut="search"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={1024}
              value={draft.host}
              onChange={(event) => onChange({ host: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label={words.port} error={errors.port}>
          {(control) => (
            <input
              {...control}
              className="input"
              inputMode="numeric"
              value={draft.port}
              onChange={(event) => onChange({ port: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
      <Field label={words.protocol}>
        {(control) => (
          <select
            {...control}
            className="input"
            value={draft.protocol}
            onChange={(event) => onChange({ protocol: event.currentTarget.value })}
          >
            {protocols.map((protocol) => (
              <option key={protocol}>{protocol}</option>
            ))}
          </select>
        )}
      </Field>
      <Assumptions draft={draft} errors={errors} onChange={onChange} />
    </>
  );
}

function Assumptions({ draft, errors, onChange }: QuestionFieldsProps) {
  const { t } = useText();
  const words = t.policy.explain;
  return (
    <Field label={words.attributes} hint={words.attributesHint} error={errors.attributes}>
      {(control) => (
        <textarea
          {...control}
          className="input code"
          rows={4}
          spellCheck={false}
          value={draft.attributes}
          onChange={(event) => onChange({ attributes: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}
