import { useText } from "../text/index.ts";
import { CopyButton } from "../ui/index.ts";

/** The number that the program, the screen, the log and the audit share. */
export function Incident({ incident }: { readonly incident: string }) {
  const { t } = useText();
  return (
    <span className="incident">
      <span className="quiet">{t.common.incident}</span> <strong className="code">{incident}</strong>
      <CopyButton text={incident} label={t.common.copyThing(t.common.incidentNumber(incident))} done={t.common.copied} />
    </span>
  );
}
