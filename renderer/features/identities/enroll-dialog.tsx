import { type FormEvent, useState } from "react";
import { FailureBox } from "../../pieces/index.ts";
import { type BridgeError, type BridgeOutput, bridgeErrorOf, usePortail } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { Button, CopyButton, Dialog, Field, Waiting } from "../../ui/index.ts";
import { textOf } from "./text-of.ts";

const algorithms = ["ec-p256", "ec-p384", "rsa-2048", "rsa-3072"] as const;

export interface EnrollDialogProps {
  readonly name: string;
  readonly onClose: () => void;
  /** On to the import of what the authority gives. */
  readonly onNext: () => void;
}

/** A new key in the token, and the request for its certificate. */
export function EnrollDialog({ name, onClose, onNext }: EnrollDialogProps) {
  const { t } = useText();
  const words = t.identities.enroll;
  const { bridge } = usePortail();
  const [made, setMade] = useState<BridgeOutput<"identity.enroll"> | "busy" | undefined>(undefined);
  const [error, setError] = useState<BridgeError | undefined>(undefined);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const algorithm = algorithms.find((one) => one === form.get("algorithm")) ?? algorithms[0];
    setError(undefined);
    setMade("busy");
    bridge.ask("identity.enroll", { name, commonName: textOf(form, "commonName"), algorithm }).then(setMade, (cause: unknown) => {
      setError(bridgeErrorOf(cause));
      setMade(undefined);
    });
  };
  return (
    <Dialog title={words.title(formatPrintable(name))} closeLabel={t.common.close} onClose={onClose}>
      {made === undefined ? (
        <form className="stack" onSubmit={submit}>
          <p className="quiet">{words.says}</p>
          <Wishes name={name} />
          {error === undefined ? null : <FailureBox error={error} />}
          <div className="dialog-foot">
            <Button onClick={onClose}>{t.common.cancel}</Button>
            <Button type="submit" tone="main">
              {words.go}
            </Button>
          </div>
        </form>
      ) : null}
      {made === "busy" ? <Waiting says={words.busy} /> : null}
      {typeof made === "object" ? <Request made={made} name={name} onNext={onNext} /> : null}
    </Dialog>
  );
}

function Wishes({ name }: { readonly name: string }) {
  const { t } = useText();
  const words = t.identities.enroll;
  return (
    <>
      <Field label={words.commonName}>
        {(control) => (
          <input {...control} className="input" name="commonName" defaultValue={name} required maxLength={64} spellCheck={false} />
        )}
      </Field>
      <Field label={words.algorithm}>
        {(control) => (
          <select {...control} className="input" name="algorithm">
            {algorithms.map((one) => (
              <option key={one} value={one}>
                {words.algorithms[one]}
              </option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
}

function Request({ made, name, onNext }: Omit<EnrollDialogProps, "onClose"> & { readonly made: BridgeOutput<"identity.enroll"> }) {
  const { t } = useText();
  const words = t.identities.enroll;
  const file = `data:application/pkcs10;base64,${btoa(made.request)}`;
  return (
    <div className="stack" role="status">
      <p>{words.done}</p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard (WCAG 2.1.1) */}
      <pre className="code-block request" tabIndex={0}>
        {made.request.trimEnd()}
      </pre>
      {made.id === undefined ? null : <p className="quiet wrap-anywhere">{words.keyId(made.id)}</p>}
      <div className="dialog-foot">
        <CopyButton words text={made.request} label={words.copy} done={t.common.copied} />
        <a className="button button-small" href={file} download={`${name.replaceAll(/[^\w-]+/g, "-")}.csr`}>
          {words.save}
        </a>
        <span className="grow" />
        <Button tone="main" onClick={onNext}>
          {words.next}
        </Button>
      </div>
    </div>
  );
}
