import { useState } from "react";
import type { AuditVerification } from "../../../agent/contract/index.ts";
import { FailureBox, TerminalHint, VerdictShape } from "../../pieces/index.ts";
import { type BridgeError, bridgeErrorOf, usePortail } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { Button, CopyButton } from "../../ui/index.ts";

type Verifying =
  | { readonly state: "idle" | "busy" }
  | { readonly state: "done"; readonly result: AuditVerification }
  | { readonly state: "failed"; readonly error: BridgeError };

/** Check the whole chain of the record, and say how it went. */
export function AuditVerify() {
  const { t } = useText();
  const { bridge } = usePortail();
  const [verifying, setVerifying] = useState<Verifying>({ state: "idle" });
  const verify = () => {
    setVerifying({ state: "busy" });
    bridge.ask("audit.verify", {}).then(
      (result) => setVerifying({ state: "done", result }),
      (cause: unknown) => setVerifying({ state: "failed", error: bridgeErrorOf(cause) }),
    );
  };
  const busy = verifying.state === "busy";
  return (
    <div className="verify">
      <Button icon="shield" disabled={busy} onClick={verify}>
        {busy ? t.audit.verifying : t.audit.verify}
      </Button>
      <div className="verify-result" role="status">
        {verifying.state === "done" ? <Result result={verifying.result} /> : null}
      </div>
      <span className="verify-export">
        <span className="quiet">{t.audit.exportHint}</span> <TerminalHint command="portail audit export --format jsonl" />
      </span>
      {verifying.state === "failed" ? <FailureBox error={verifying.error} onAgain={verify} /> : null}
    </div>
  );
}

function Result({ result }: { readonly result: AuditVerification }) {
  const { t, f } = useText();
  if (!result.ok) {
    return (
      <p className="verify-broken">
        <VerdictShape outcome="deny" />
        <strong>{result.problem === undefined ? t.common.noAnswer : t.audit.broken(result.problem.seq)}</strong>{" "}
        {formatPrintable(result.problem?.message ?? "")}
      </p>
    );
  }
  return (
    <p className="verify-intact">
      <VerdictShape outcome="allow" />
      <span>{t.audit.intact(f.count(result.records))}</span>
      {result.head === undefined ? null : (
        <span title={t.audit.headHint}>
          <span className="code quiet">{result.head.slice(0, 12)}…</span>
          <CopyButton text={result.head} label={t.common.copyThing(t.audit.head)} done={t.common.copied} />
        </span>
      )}
    </p>
  );
}
