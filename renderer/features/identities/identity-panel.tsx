import { useId, useState } from "react";
import type { EnrolmentView, IdentityDetails } from "../../../agent/contract/index.ts";
import { endsSoon, FailureBox, stateOf } from "../../pieces/index.ts";
import { type BridgeError, bridgeErrorOf, useNow, usePortail } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { Button, Icon } from "../../ui/index.ts";
import { EnrollDialog } from "./enroll-dialog.tsx";
import { HandshakeTest } from "./handshake-test.tsx";
import { IdentityFacts } from "./identity-facts.tsx";
import { ImportDialog } from "./import-dialog.tsx";
import { Renewal } from "./renewal.tsx";
import { Trouble } from "./trouble.tsx";

export interface IdentityPanelProps {
  readonly identity: IdentityDetails;
  /** Present when its certificates come from an endpoint. */
  readonly enrolment: EnrolmentView | undefined;
  /** Something was done that may have changed what is known of the identities. */
  readonly onChanged: () => void;
}

export function IdentityPanel({ identity, enrolment, onChanged }: IdentityPanelProps) {
  const { t } = useText();
  const words = t.identities;
  const titleId = useId();
  const { tone, says } = stateOf(identity, useNow());
  return (
    <section className="panel identity" aria-labelledby={titleId}>
      <div className="identity-head">
        <span className={`identity-sign tone-${tone}`}>
          <Icon name={identity.kind === "file" ? "file" : "key"} />
        </span>
        <h2 id={titleId} className="wrap-anywhere">
          {formatPrintable(identity.name)}
        </h2>
        <span className="quiet">{words.kinds[identity.kind] ?? formatPrintable(identity.kind)}</span>
        <span className={`lamp-word tone-${tone}`}>
          <span className="lamp" aria-hidden="true" />
          {words.states[says]}
        </span>
      </div>
      <Warning identity={identity} />
      <IdentityFacts identity={identity} />
      {enrolment === undefined ? null : <Renewal enrolment={enrolment} onDone={onChanged} />}
      <Actions identity={identity} onChanged={onChanged} />
    </section>
  );
}

/** What is in the way, or soon will be. */
function Warning({ identity }: { readonly identity: IdentityDetails }) {
  const { t, f } = useText();
  const now = useNow(60_000);
  const words = t.identities;
  const { state, expiresAt, chain } = identity;
  if (state === "failing") return <Trouble {...identity} />;
  if (expiresAt === undefined || (expiresAt > now && !endsSoon(expiresAt, now, chain?.[0]?.notBefore))) return null;
  const isOver = expiresAt <= now;
  return (
    <p className={`notice-box notice-box-${isOver ? "deny" : "ask"}`}>
      <Icon name="warning" />
      {(isOver ? words.expiredSince : words.expiresSoon)(f.away(expiresAt - now))}
    </p>
  );
}

type Opened = "test" | "enroll" | "import";

function Actions({ identity, onChanged }: Omit<IdentityPanelProps, "enrolment">) {
  const { t } = useText();
  const words = t.identities;
  const [opened, setOpened] = useState<Opened | undefined>(undefined);
  const { isBusy, error, check } = useCheck(identity.name, onChanged);
  const toggleTest = () => setOpened(opened === "test" ? undefined : "test");
  return (
    <div className="stack">
      <div className="identity-actions">
        <Button {...(identity.state === "configured" ? { tone: "main" as const } : {})} disabled={isBusy} onClick={check}>
          {isBusy ? words.checking : identity.state === "configured" ? words.open : words.check}
        </Button>
        <Button aria-expanded={opened === "test"} onClick={toggleTest}>
          {words.test.open}
        </Button>
        {identity.kind === "file" ? null : (
          <>
            <Button onClick={() => setOpened("enroll")}>{words.enroll.open}</Button>
            <Button onClick={() => setOpened("import")}>{words.import.open}</Button>
          </>
        )}
      </div>
      {error === undefined ? null : <FailureBox error={error} />}
      {opened === "test" ? <HandshakeTest name={identity.name} onTested={onChanged} /> : null}
      {opened === "enroll" ? (
        <EnrollDialog name={identity.name} onClose={() => setOpened(undefined)} onNext={() => setOpened("import")} />
      ) : null}
      {opened === "import" ? <ImportDialog name={identity.name} onClose={() => setOpened(undefined)} onImported={onChanged} /> : null}
    </div>
  );
}

/** Opens the identity; its PIN is asked by the prompt that stands above all screens. */
function useCheck(name: string, onChanged: () => void) {
  const { bridge } = usePortail();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<BridgeError | undefined>(undefined);
  const check = () => {
    setBusy(true);
    setError(undefined);
    bridge
      .ask("identity.show", { name })
      .then(onChanged, (cause: unknown) => setError(bridgeErrorOf(cause)))
      .finally(() => setBusy(false));
  };
  return { isBusy, error, check };
}
