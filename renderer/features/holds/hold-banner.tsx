import "./holds.css";
import { useState } from "react";
import type { HoldView } from "../../../agent/contract/index.ts";
import { Countdown, formatDestination, formatProgram, HelpLink, ProgramArch, RuleLink } from "../../pieces/index.ts";
import { bridgeErrorOf, formatPlace, useAgent, usePortail } from "../../store/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import { Button, Field } from "../../ui/index.ts";

/** The waiting connection that ends first, above every screen: it is read out when it comes, and takes no focus away. */
export function HoldBanner() {
  const { t } = useText();
  const holds = useAgent((state) => state.holds);
  const first = holds.toSorted((a, b) => a.expiresAt - b.expiresAt)[0];
  return (
    <section className="holds" aria-label={t.shell.holds.title} role="alert">
      {first === undefined ? null : <Hold key={first.id} hold={first} more={holds.length - 1} />}
    </section>
  );
}

/** Asks whose value means something to a person; the others are for the machine. */
const tellingValues = new Set(["acr", "max_age", "approve"]);

function Hold({ hold, more }: { readonly hold: HoldView; readonly more: number }) {
  const { t } = useText();
  const words = t.shell.holds;
  const program = formatProgram(hold.connection.program) ?? t.common.unknownProgram;
  return (
    <div className="hold tone-ask">
      <ProgramArch path={hold.connection.program} />
      <div className="hold-story">
        <p className="hold-title wrap-anywhere">
          <bdi>{words.stepUp(program, formatDestination(hold.connection))}</bdi>
        </p>
        <ul className="hold-asks">
          {hold.asks.map((ask) => (
            <li key={ask.what}>
              {words.asks[ask.what] ?? formatPrintable(ask.what)}{" "}
              {ask.value === undefined || !tellingValues.has(ask.what) ? null : (
                <span className="quiet">{words.asksValue(formatPrintable(ask.value))}</span>
              )}
            </li>
          ))}
        </ul>
        {hold.say === undefined ? null : <p className="hold-say wrap-anywhere">{formatPrintable(hold.say)}</p>}
        {hold.help === undefined ? null : <HelpLink address={hold.help} />}
        {hold.connection.rule === undefined ? null : (
          <p className="quiet">
            <RuleLink rule={hold.connection.rule} /> ·{" "}
            <a href={formatPlace({ screen: "connections", details: { id: hold.connection.id } })}>{words.why}</a>
          </p>
        )}
      </div>
      <HoldActions hold={hold} more={more} />
    </div>
  );
}

function HoldActions({ hold, more }: { readonly hold: HoldView; readonly more: number }) {
  const { t } = useText();
  const { bridge, notices } = usePortail();
  const [reason, setReason] = useState("");
  const words = t.shell.holds;
  const wantsReason = hold.asks.some((ask) => ask.what === "reason");
  const resolve = (action: "continue" | "refuse") => {
    const said = reason.trim();
    bridge.ask("holds.resolve", { id: hold.id, action, ...(said === "" ? {} : { reason: said }) }).then(
      () => notices.tell("done", action === "continue" ? words.gone : words.refused),
      (cause: unknown) => notices.tell("failed", words.failed(failureText(bridgeErrorOf(cause).code).sentence)),
    );
  };
  return (
    <form
      className="hold-actions"
      onSubmit={(event) => {
        event.preventDefault();
        resolve("continue");
      }}
    >
      {wantsReason ? (
        <Field label={words.reasonLabel}>
          {(control) => (
            <input
              {...control}
              className="input"
              required
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
      ) : null}
      <div className="hold-buttons">
        <Countdown expiresAt={hold.expiresAt} says={words.left} />
        <Button type="submit" tone="main">
          {words.go}
        </Button>
        <Button onClick={() => resolve("refuse")}>{words.refuse}</Button>
      </div>
      {more === 0 ? null : <p className="quiet">{words.more(more)}</p>}
    </form>
  );
}
