import { useCallback, useEffect, useState } from "react";
import type { AuditQuery, AuditRecord } from "../../../agent/contract/index.ts";
import { type BridgeError, bridgeErrorOf, usePortail } from "../../store/index.ts";

export interface AuditRecords {
  readonly state: "loading" | "ready" | "failed";
  readonly records: readonly AuditRecord[];
  readonly more: boolean;
  readonly error: BridgeError | undefined;
}

/** The newest records that match, and older ones on demand. Records are only ever added behind, so what is shown stays where it is. */
export function useAuditRecords(query: AuditQuery) {
  const { bridge } = usePortail();
  const key = JSON.stringify(query);
  const [found, setFound] = useState<AuditRecords>({ state: "loading", records: [], more: false, error: undefined });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    setFound((before) => ({ ...before, state: "loading" }));
    bridge.ask("audit.query", JSON.parse(key) as AuditQuery).then(
      ({ records, more }) => current && setFound({ state: "ready", records, more, error: undefined }),
      (cause: unknown) => current && setFound((before) => ({ ...before, state: "failed", error: bridgeErrorOf(cause) })),
    );
    return () => {
      current = false;
    };
  }, [bridge, key, round]);
  const last = found.records.at(-1)?.seq;
  const older = useCallback(() => {
    if (last === undefined) return;
    bridge.ask("audit.query", { ...(JSON.parse(key) as AuditQuery), after: last }).then(
      ({ records, more }) =>
        setFound((before) =>
          before.records.at(-1)?.seq === last ? { ...before, records: [...before.records, ...records], more } : before,
        ),
      (cause: unknown) => setFound((before) => ({ ...before, state: "failed", error: bridgeErrorOf(cause) })),
    );
  }, [bridge, key, last]);
  const again = useCallback(() => setRound((count) => count + 1), []);
  return { ...found, older, again };
}
