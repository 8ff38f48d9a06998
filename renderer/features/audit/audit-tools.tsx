import { useHere, usePortail } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { Button, SearchField, SelectField } from "../../ui/index.ts";
import { kinds, outcomes, times } from "./audit-search.ts";

export function AuditTools() {
  const { t } = useText();
  const words = t.audit;
  const { place } = usePortail();
  const { details } = useHere();
  const connection = details["connection"];
  return (
    <search className="tools">
      <SearchField label={words.search} value={details["find"] ?? ""} maxLength={200} onValue={(find) => place.adjust({ find })} />
      <SelectField
        label={words.since}
        value={times.find((time) => time === details["since"]) ?? "day"}
        options={times.map((value) => ({ value, says: words.times[value] }))}
        onValue={(since) => place.adjust({ since })}
      />
      <SelectField
        label={words.kind}
        value={kinds.find((kind) => kind === details["kind"]) ?? ""}
        options={[{ value: "", says: words.anyKind }, ...kinds.map((value) => ({ value, says: words.kinds[value] }))]}
        onValue={(kind) => place.adjust({ kind })}
      />
      <SelectField
        label={words.outcome}
        value={outcomes.find((outcome) => outcome === details["outcome"]) ?? ""}
        options={[{ value: "", says: words.anyOutcome }, ...outcomes.map((value) => ({ value, says: t.common.verdicts[value] }))]}
        onValue={(outcome) => place.adjust({ outcome })}
      />
      {connection === undefined ? null : (
        <Button icon="close" onClick={() => place.adjust({ connection: "" })}>
          {words.fields.connection} {formatPrintable(connection)}
        </Button>
      )}
    </search>
  );
}
