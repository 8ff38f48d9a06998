import { useState } from "react";
import type { EnrolmentView, HandshakeStory } from "../../../agent/contract/index.ts";
import { FailureBox } from "../../pieces/index.ts";
import { type BridgeError, bridgeErrorOf, useNow, usePortail } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { Button, Waiting } from "../../ui/index.ts";
import { Story } from "./story.tsx";
import { Trouble } from "./trouble.tsx";

type Outcome = { readonly story: HandshakeStory } | { readonly error: BridgeError };

export interface RenewalProps {
  readonly enrolment: EnrolmentView;
  readonly onDone: () => void;
}

/** Where the certificates of an identity come from, when the next one is due, and a way to have it now. */
export function Renewal({ enrolment, onDone }: RenewalProps) {
  const { t, f } = useText();
  const words = t.identities.renewal;
  const { bridge } = usePortail();
  const now = useNow(60_000);
  const [outcome, setOutcome] = useState<Outcome | "busy" | undefined>(undefined);
  const { name, state, renewAt } = enrolment;
  const isBusy = outcome === "busy" || state === "running";
  const renew = () => {
    setOutcome("busy");
    bridge
      .ask(state === "absent" ? "identity.obtain" : "identity.renew", { name })
      .then(
        (story) => setOutcome({ story }),
        (cause: unknown) => setOutcome({ error: bridgeErrorOf(cause) }),
      )
      .finally(onDone);
  };
  return (
    <section className="renewal" aria-label={words.title}>
      <p className="grow wrap-anywhere">
        {words.from(formatPrintable(hostOf(enrolment.url)))}{" "}
        {renewAt === undefined ? null : <span className="quiet">{words.renewAt(f.day(renewAt), f.away(renewAt - now))}</span>}
      </p>
      <Button disabled={isBusy} onClick={renew}>
        {state === "absent" ? words.obtain : words.renew}
      </Button>
      {outcome === undefined && state === "failing" ? <Trouble {...enrolment} /> : null}
      <div role="status">
        {isBusy ? <Waiting says={words.busy} /> : null}
        {typeof outcome === "object" && "story" in outcome ? <Story story={outcome.story} good={words.good} /> : null}
        {typeof outcome === "object" && "error" in outcome ? <FailureBox error={outcome.error} /> : null}
      </div>
    </section>
  );
}

/** People know their authority by its name, not by its path. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
