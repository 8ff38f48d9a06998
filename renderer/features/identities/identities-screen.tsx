import "./identities.css";
import { FailureBox, ScreenHead } from "../../pieces/index.ts";
import { bridgeErrorOf, usePortail } from "../../store/index.ts";
import { failureText, useText } from "../../text/index.ts";
import { Button, CopyButton, EmptyState } from "../../ui/index.ts";
import { HostKeyList } from "./host-key-list.tsx";
import { IdentityPanel } from "./identity-panel.tsx";
import { TokenList } from "./token-list.tsx";
import { useIdentities } from "./use-identities.ts";

export function IdentitiesScreen() {
  const { t, f } = useText();
  const { identities, enrolments, error, again } = useIdentities();
  const words = t.identities;
  return (
    <div className="identities">
      <ScreenHead
        title={t.shell.names.identities}
        says={identities.length === 0 ? undefined : words.summary(f.count(identities.length))}
        command="portail identity list --tokens"
      />
      {error === undefined ? null : <FailureBox error={error} onAgain={again} />}
      {identities.length === 0 ? <NoIdentities /> : null}
      {identities.map((identity) => (
        <IdentityPanel
          key={identity.name}
          identity={identity}
          enrolment={enrolments.find(({ name }) => name === identity.name)}
          onChanged={again}
        />
      ))}
      {identities.some(({ kind }) => kind !== "file") ? <TokenList identities={identities} /> : null}
      <HostKeyList />
      {identities.length === 0 ? null : <LogOut onDone={again} />}
    </div>
  );
}

function NoIdentities() {
  const { t } = useText();
  const words = t.identities;
  return (
    <section className="panel">
      <EmptyState icon="identities" title={words.none} says={words.noneHint}>
        <div className="yaml">
          <pre className="code-block">{words.example}</pre>
          <CopyButton text={words.example} label={t.common.copy} done={t.common.copied} />
        </div>
      </EmptyState>
    </section>
  );
}

function LogOut({ onDone }: { readonly onDone: () => void }) {
  const { t } = useText();
  const { bridge, notices } = usePortail();
  const logOut = () => {
    bridge.ask("identity.forget", {}).then(
      () => {
        notices.tell("done", t.identities.loggedOut);
        onDone();
      },
      (cause: unknown) => notices.tell("failed", t.questions.failed(failureText(bridgeErrorOf(cause).code).sentence)),
    );
  };
  return (
    <p>
      <Button onClick={logOut}>{t.identities.logOut}</Button>
    </p>
  );
}
