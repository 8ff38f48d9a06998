import { useState } from "react";
import type { AuditQuery, AuditRecord } from "../../../agent/contract/index.ts";
import { type BridgeError, bridgeErrorOf, useCall, usePortail } from "../../store/index.ts";

/** Older records that were fetched on demand, for the newest page that they follow. */
interface Older {
  readonly after: number;
  readonly records: readonly AuditRecord[];
  readonly more: boolean;
  readonly error: BridgeError | undefined;
}

/** The newest records that match, and older ones on demand. Records are only ever added behind, so what is shown stays where it is. */
export function useAuditRecords(query: AuditQuery) {
  const { bridge } = usePortail();
  const newest = useCall("audit.query", query);
  const [fetched, setFetched] = useState<Older | undefined>(undefined);
  const page = newest.value?.records ?? [];
  const base = page.at(-1)?.seq;
  const behind = fetched !== undefined && fetched.after === base ? fetched : undefined;
  const records = behind === undefined ? page : [...page, ...behind.records];
  const last = records.at(-1)?.seq;
  const older = () => {
    if (base === undefined || last === undefined) return;
    const known = behind?.records ?? [];
    bridge.ask("audit.query", { ...query, after: last }).then(
      (found) => setFetched({ after: base, records: [...known, ...found.records], more: found.more, error: undefined }),
      (cause: unknown) => setFetched({ after: base, records: known, more: true, error: bridgeErrorOf(cause) }),
    );
  };
  return {
    state: newest.state,
    records,
    more: behind?.more ?? newest.value?.more ?? false,
    error: newest.error ?? behind?.error,
    older,
    again: newest.again,
  };
}
