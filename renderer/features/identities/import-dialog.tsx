import { type FormEvent, useRef, useState } from "react";
import { FailureBox } from "../../pieces/index.ts";
import { type BridgeError, bridgeErrorOf, usePortail } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { Button, Dialog, Field } from "../../ui/index.ts";
import { textOf } from "./text-of.ts";

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
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const chain = textOf(new FormData(event.currentTarget), "chain");
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
  return (
    <Dialog title={words.title(formatPrintable(name))} closeLabel={t.common.close} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p className="quiet">{words.says}</p>
        <Certificates problem={problem} onProblem={setProblem} />
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

interface CertificatesProps {
  readonly problem: string | undefined;
  readonly onProblem: (problem: string | undefined) => void;
}

/** Pasted, or read from a file into the same field, so that it is seen before it is sent. */
function Certificates({ problem, onProblem }: CertificatesProps) {
  const { t } = useText();
  const words = t.identities.import;
  const field = useRef<HTMLTextAreaElement>(null);
  const read = (file: File | undefined) => {
    file?.text().then(
      (content) => {
        if (field.current !== null) field.current.value = content;
        onProblem(undefined);
      },
      () => onProblem(words.unreadable),
    );
  };
  return (
    <>
      <Field label={words.paste} error={problem}>
        {(control) => <textarea {...control} ref={field} className="input code pem" name="chain" rows={8} spellCheck={false} />}
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
    </>
  );
}
