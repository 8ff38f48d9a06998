import "./audit.css";
import { useMemo, useState } from "react";
import type { AuditQuery } from "../../../agent/contract/index.ts";
import { FailureBox, ScreenHead } from "../../pieces/index.ts";
import { useHere, useNow, usePortail, useSettled } from "../../store/index.ts";
import { useText } from "../../text/index.ts";
import { Button, EmptyState, focusRow, Waiting } from "../../ui/index.ts";
import { AuditDetail } from "./audit-detail.tsx";
import { commandOfSearch, parseAuditSearch } from "./audit-search.ts";
import { AuditTable } from "./audit-table.tsx";
import { AuditTools } from "./audit-tools.tsx";
import { AuditVerify } from "./audit-verify.tsx";
import { useAuditRecords } from "./use-audit-records.ts";

const settleMs = 250;
const minuteMs = 60_000;

export function AuditScreen() {
  const { t, f } = useText();
  const query = useQuery();
  const { place } = usePortail();
  const { details } = useHere();
  const found = useAuditRecords(query);
  const [active, setActive] = useState<string | undefined>(undefined);
  const picked = found.records.find((record) => String(record.seq) === details["seq"]);
  const leave = () => {
    place.adjust({ seq: "" });
    focusRow(details["seq"] ?? "");
  };
  return (
    <div className={picked === undefined ? "split" : "split split-open"}>
      <div className="split-list">
        <ScreenHead
          title={t.shell.names.audit}
          says={t.audit.found(f.count(found.records.length), found.more)}
          command={commandOfSearch(query)}
        />
        <AuditTools />
        <AuditVerify />
        {found.error === undefined ? null : <FailureBox error={found.error} onAgain={found.again} />}
        {found.state === "loading" && found.records.length === 0 ? <Waiting says={t.common.loading} /> : null}
        {found.state === "ready" && found.records.length === 0 ? (
          <EmptyState icon="audit" title={t.audit.empty} says={t.audit.emptyHint} />
        ) : null}
        {found.records.length === 0 ? null : (
          <AuditTable
            records={found.records}
            active={active ?? details["seq"]}
            selected={details["seq"]}
            onActive={setActive}
            onSelect={(record) => place.adjust({ seq: String(record.seq) })}
          />
        )}
        {found.more ? (
          <p>
            <Button onClick={found.older}>{t.audit.older}</Button>
          </p>
        ) : null}
      </div>
      {picked === undefined ? null : <AuditDetail key={picked.seq} record={picked} onClose={leave} />}
    </div>
  );
}

function useQuery(): AuditQuery {
  const { details } = useHere();
  const minute = Math.floor(useNow(minuteMs) / minuteMs);
  const { seq: _picked, ...asked } = details;
  const key = useSettled(JSON.stringify(asked), settleMs);
  return useMemo(() => parseAuditSearch(JSON.parse(key) as Record<string, string>, minute * minuteMs), [key, minute]);
}
