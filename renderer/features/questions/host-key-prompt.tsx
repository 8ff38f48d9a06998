import { useEffect, useRef, useState } from "react";
import type { HostKeyQuestionView } from "../../../agent/contract/index.ts";
import { Countdown } from "../../pieces/index.ts";
import { bridgeErrorOf, usePortail } from "../../store/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import { Button, CodeLine, CopyButton, Dialog } from "../../ui/index.ts";
import { useArmed } from "./use-armed.ts";

export interface HostKeyPromptProps {
  readonly question: HostKeyQuestionView;
  readonly more: number;
}

/** A server that was never met shows its key. SECURITY: no key of the keyboard accepts it by accident; the focus is on what to read. */
export function HostKeyPrompt({ question, more }: HostKeyPromptProps) {
  const { t } = useText();
  const words = t.questions.hostKey;
  const story = useRef<HTMLDivElement>(null);
  const armed = useArmed();
  const { answer, isSent } = useAnswer(question);
  useEffect(() => story.current?.focus(), []);
  const command = `ssh-keygen -lf /etc/ssh/ssh_host_${kindOf(question.algorithm)}_key.pub`;
  return (
    <Dialog title={words.title} closeLabel={words.refuse} onClose={() => answer(false)}>
      <div className="ask">
        <div ref={story} className="stack" tabIndex={-1}>
          <p className="ask-says wrap-anywhere">{words.says(formatPrintable(question.address), formatPrintable(question.backend))}</p>
          <div className="fingerprint">
            <p className="fingerprint-kind">
              {words.fingerprint} · <span className="code">{formatPrintable(question.algorithm)}</span>
            </p>
            <Fingerprint text={question.fingerprint} />
            <CopyButton text={question.fingerprint} label={t.common.copyThing(words.fingerprint)} done={t.common.copied} />
          </div>
        </div>
        <div className="stack-small">
          <p className="quiet">{words.onServer}</p>
          <CodeLine text={command} label={t.common.copyThing(command)} done={t.common.copied} />
        </div>
        <p className="quiet">{words.accepted}</p>
        <div className="ask-foot">
          <p className="ask-waits quiet">
            <Countdown expiresAt={question.expiresAt} says={t.questions.left} />
            {more === 0 ? null : <span>{t.questions.more(more)}</span>}
          </p>
          <Button disabled={isSent} onClick={() => answer(false)}>
            {words.refuse}
          </Button>
          <Button disabled={isSent || !armed} onClick={() => answer(true)}>
            {words.accept}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function useAnswer({ id, address }: HostKeyQuestionView) {
  const { bridge, notices } = usePortail();
  const { t } = useText();
  const words = t.questions.hostKey;
  const isAnswered = useRef(false);
  const [isSent, setSent] = useState(false);
  const answer = (accept: boolean) => {
    if (isAnswered.current) return;
    isAnswered.current = true;
    setSent(true);
    bridge.ask("hostkeys.answer", { id, accept }).then(
      () => notices.tell("done", (accept ? words.done : words.refused)(formatPrintable(address))),
      (cause: unknown) => notices.tell("failed", t.questions.failed(failureText(bridgeErrorOf(cause).code).sentence)),
    );
  };
  return { answer, isSent };
}

/** OpenSSH's own names of its files. */
function kindOf(algorithm: string): string {
  if (algorithm.includes("ecdsa")) return "ecdsa";
  return algorithm.includes("rsa") ? "rsa" : "ed25519";
}

const groupLength = 4;

/** In groups that the eye can compare; copied, it is one word. Letters of both cases matter, so nothing is changed. */
function Fingerprint({ text }: { readonly text: string }) {
  const [method, digest] = text.includes(":") ? [text.slice(0, text.indexOf(":") + 1), text.slice(text.indexOf(":") + 1)] : ["", text];
  const groups = digest.match(new RegExp(`.{1,${groupLength}}`, "gsu")) ?? [];
  return (
    <p className="fingerprint-groups code" dir="ltr">
      <span className="fingerprint-method">{formatPrintable(method)}</span>
      {groups.map((group, place) => (
        // oxlint-disable-next-line react/no-array-index-key -- the groups of one fingerprint never move
        <span key={place}>{formatPrintable(group)}</span>
      ))}
    </p>
  );
}
