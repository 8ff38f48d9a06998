import { type FormEvent, useRef, useState } from "react";
import { FailureBox } from "../../pieces/index.ts";
import { type BridgeError, bridgeErrorOf, usePortail } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { Button, Dialog, Field } from "../../ui/index.ts";

export interface ImportDialogProps {
  readonly name: string;
  readonly onClose: () => void;
  readonly onImported: () => void;
}

/** A certificate and its issuers, beside the key that is in the token already. */
export function ImportDialog({ name, onClose, onImported }: ImportDialogProps) {
  const { t } = useText();
  const words = t.identities.import;
  const { bridge, notices } = usePortail();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<BridgeError | undefined>(undefined);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const text = useRef<HTMLTextAreaElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const chain = text.current?.value.trim() ?? "";
    setProblem(chain === "" ? words.empty : undefined);
    if (chain === "") return;
    setError(undefined);
    setBusy(true);
    bridge
      .ask("identity.import", { name, chain })
      .then(
        (details) => {
          notices.tell("done", words.done(formatPrintable(details.subject ?? name)));
          onImported();
          onClose();
        },
        (cause: unknown) => setError(bridgeErrorOf(cause)),
      )
      .finally(() => setBusy(false));
  };
  const read = (file: File | undefined) => {
    file?.text().then(
      (content) => {
        if (text.current !== null) text.current.value = content;
        setProblem(undefined);
      },
      () => setProblem(words.unreadable),
    );
  };
  return (
    <Dialog title={words.title(formatPrintable(name))} closeLabel={t.common.close} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p className="quiet">{words.says}</p>
        <Field label={words.paste} error={problem}>
          {(control) => <textarea {...control} ref={text} className="input code pem" rows={8} spellCheck={false} />}
        </Field>
        <Field label={words.choose}>
          {(control) => (
            <input
              {...control}
              className="input-file"
              type="file"
              accept=".pem,.crt,.cer,.txt"
              onChange={(event) => read(event.currentTarget.files?.[0])}
            />
          )}
        </Field>
        {error === undefined ? null : <FailureBox error={error} />}
        <div className="dialog-foot">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" disabled={isBusy}>
            {isBusy ? words.busy : words.go}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
