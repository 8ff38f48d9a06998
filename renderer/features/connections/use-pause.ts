import { useState } from "react";
import type { ConnectionView } from "../../../agent/contract/index.ts";
import { useAgent, usePortail } from "../../store/index.ts";

export interface Paused {
  readonly at: number;
  readonly connections: readonly ConnectionView[];
  /** Connections that came since. */
  readonly newer: number;
}

/** The list stands still while the person reads it; the agent's own work goes on. */
export function usePause() {
  const { clock } = usePortail();
  const current = useAgent((state) => state.newestFirst);
  const [still, setStill] = useState<Omit<Paused, "newer"> | undefined>(undefined);
  const known = still?.connections[0]?.startedAt ?? still?.at ?? 0;
  const paused: Paused | undefined =
    still === undefined ? undefined : { ...still, newer: current.filter((connection) => connection.startedAt > known).length };
  const toggle = () => setStill(still === undefined ? { at: clock.now(), connections: current } : undefined);
  return { connections: still?.connections ?? current, paused, toggle };
}
