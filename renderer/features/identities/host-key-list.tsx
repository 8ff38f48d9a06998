import type { AcceptedHostKey } from "../../../agent/contract/index.ts";
import { bridgeErrorOf, useAgent, useCall, usePortail } from "../../store/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import { Button, Icon } from "../../ui/index.ts";

/** Keys of servers that were accepted once, and a way to be asked again. Nothing is shown where there is none. */
export function HostKeyList() {
  const { t } = useText();
  const words = t.identities.hostKeys;
  // A question that goes may have been accepted.
  const asked = useAgent((state) => state.questions.hostKeys.length);
  return <List key={asked} title={words.title} says={words.says} />;
}

function List({ title, says }: { readonly title: string; readonly says: string }) {
  const { value, again } = useCall("hostkeys.list", {});
  if (value === undefined || value.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="host-keys-title">
      <div className="panel-head">
        <h2 id="host-keys-title">{title}</h2>
        <span className="quiet">{says}</span>
      </div>
      <ul className="panel-body holdings">
        {value.map((one) => (
          <HostKey key={`${one.address} ${one.fingerprint}`} hostKey={one} onForgotten={again} />
        ))}
      </ul>
    </section>
  );
}

function HostKey({ hostKey, onForgotten }: { readonly hostKey: AcceptedHostKey; readonly onForgotten: () => void }) {
  const { t } = useText();
  const { bridge, notices } = usePortail();
  const words = t.identities.hostKeys;
  const address = formatPrintable(hostKey.address);
  const forget = () => {
    bridge.ask("hostkeys.forget", { address: hostKey.address }).then(
      () => {
        notices.tell("done", words.forgotten(address));
        onForgotten();
      },
      (cause: unknown) => notices.tell("failed", t.questions.failed(failureText(bridgeErrorOf(cause).code).sentence)),
    );
  };
  return (
    <li className="holding">
      <Icon name="server" />
      <div className="stack-small grow">
        <p className="wrap-anywhere">
          <strong>{address}</strong> <span className="quiet">{formatPrintable(hostKey.algorithm)}</span>
        </p>
        <p className="code quiet wrap-anywhere" dir="ltr">
          {formatPrintable(hostKey.fingerprint)}
        </p>
      </div>
      <Button small aria-label={words.forgetThis(address)} onClick={forget}>
        {words.forget}
      </Button>
    </li>
  );
}
