import { type FormEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { PinQuestionView } from "../../../agent/contract/index.ts";
import { Countdown } from "../../pieces/index.ts";
import { bridgeErrorOf, useAgent, usePortail } from "../../store/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import { Button, Dialog, Field, Icon } from "../../ui/index.ts";
import { useArmed } from "./use-armed.ts";

type Stage = "typing" | "confirming" | "sent";

export interface PinPromptProps {
  readonly question: PinQuestionView;
  /** How many other questions wait behind this one. */
  readonly more: number;
}

/**
 * Asks for the PIN of a token, or the password of a key file.
 * SECURITY: the PIN lives in the field alone, never in state or in an attribute, and the field is emptied as it is sent.
 */
export function PinPrompt({ question, more }: PinPromptProps) {
  const { t } = useText();
  const words = t.questions.pin;
  const field = useRef<HTMLInputElement>(null);
  const armed = useArmed();
  const [stage, setStage] = useState<Stage>("typing");
  const send = useSend(question.id, field, () => setStage("sent"));
  const wanted = useWanted(question);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isEmpty = (field.current?.value ?? "") === "";
    if (!armed || stage !== "typing" || isEmpty) return;
    if (question.tries === "last") setStage("confirming");
    else send("pin");
  };
  return (
    <Dialog title={words.titles[wanted]} closeLabel={words.notNow} onClose={() => send("none")}>
      <form className="ask" onSubmit={submit}>
        <Story question={question} wanted={wanted} />
        <Field label={words.labels[wanted](formatPrintable(question.token))} hint={words.hint}>
          {(control) => (
            <input
              {...control}
              ref={field}
              className="input ask-pin"
              type="password"
              autoComplete="off"
              spellCheck={false}
              maxLength={8192}
              readOnly={!armed || stage !== "typing"}
            />
          )}
        </Field>
        {stage === "confirming" ? (
          <LastTry onBack={() => setStage("typing")} onUse={() => send("pin")} field={field} />
        ) : (
          <Foot question={question} wanted={wanted} more={more} isSent={stage === "sent"} onDecline={() => send("none")} />
        )}
      </form>
    </Dialog>
  );
}

type Wanted = NonNullable<PinQuestionView["wants"]> | "pin";

/** The secret of a key in a file is a password, also where the question does not say so. */
function useWanted({ wants, identity }: PinQuestionView): Wanted {
  const isFile = useAgent((state) => state.status?.identities.find(({ name }) => name === identity)?.kind === "file");
  return wants ?? (isFile ? "password" : "pin");
}

/** Answers once; a second answer to the same question would be to nobody. */
function useSend(id: string, field: RefObject<HTMLInputElement | null>, onSent: () => void): (what: "pin" | "none") => void {
  const { bridge, notices } = usePortail();
  const { t } = useText();
  const isAnswered = useRef(false);
  useEffect(() => field.current?.focus(), [field]);
  return (what) => {
    if (isAnswered.current) return;
    isAnswered.current = true;
    const pin = takeFrom(field.current);
    const answer = what === "pin" ? { id, pin } : { id };
    onSent();
    bridge.ask("identity.answer", answer).catch((cause: unknown) => {
      const { code } = bridgeErrorOf(cause);
      notices.tell("failed", code === "CONTROL_NOT_FOUND" ? t.questions.pin.tooLate : t.questions.failed(failureText(code).sentence));
    });
  };
}

/** SECURITY: with the answer the field loses it. */
function takeFrom(field: HTMLInputElement | null): string {
  const pin = field?.value ?? "";
  if (field !== null) field.value = "";
  return pin;
}

function Story({ question, wanted }: { readonly question: PinQuestionView; readonly wanted: Wanted }) {
  const { t } = useText();
  const words = t.questions.pin;
  return (
    <div className="stack">
      {question.why === "wrong" ? (
        <p className="notice-box notice-box-deny" role="alert">
          <Icon name="warning" />
          <span>
            <strong>{words.wrong}</strong> {question.tries === "few" ? words.few : null}
          </span>
        </p>
      ) : null}
      {question.tries === "last" ? (
        <div className="notice-box notice-box-deny">
          <Icon name="warning" />
          <p>
            <strong>{words.lastTitle}.</strong> {words.last}
          </p>
        </div>
      ) : null}
      {question.tries === "few" && question.why === "needed" ? (
        <p className="notice-box notice-box-ask">
          <Icon name="warning" /> {words.few}
        </p>
      ) : null}
      <p className="ask-says wrap-anywhere">
        {words.forIdentity} <strong>{formatPrintable(question.identity)}</strong>.{" "}
        {question.isForOneUse ? words.eachTime : words.why[wanted]}
      </p>
    </div>
  );
}

function Foot({
  question,
  wanted,
  more,
  isSent,
  onDecline,
}: PinPromptProps & { readonly wanted: Wanted; readonly isSent: boolean; readonly onDecline: () => void }) {
  const { t } = useText();
  const words = t.questions;
  return (
    <div className="ask-foot">
      <p className="ask-waits quiet">
        <Countdown expiresAt={question.expiresAt} says={words.left} />
        {more === 0 ? null : <span>{words.more(more)}</span>}
      </p>
      <Button onClick={onDecline} disabled={isSent}>
        {words.pin.notNow}
      </Button>
      <Button type="submit" tone="main" disabled={isSent}>
        {isSent ? words.pin.checking : words.pin.unlock[wanted]}
      </Button>
    </div>
  );
}

interface LastTryProps {
  readonly onBack: () => void;
  readonly onUse: () => void;
  readonly field: RefObject<HTMLInputElement | null>;
}

/** The second confirmation. The focus goes to the way back: a hasty Enter costs nothing. */
function LastTry({ onBack, onUse, field }: LastTryProps) {
  const { t } = useText();
  const words = t.questions.pin;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector("button")?.focus(), []);
  const back = () => {
    onBack();
    field.current?.focus();
  };
  return (
    <div ref={box} className="ask-foot" role="alert">
      <p className="ask-confirm">{words.confirm}</p>
      <Button onClick={back}>{words.goBack}</Button>
      <Button tone="danger" onClick={onUse}>
        {words.useIt}
      </Button>
    </div>
  );
}
