import type { Clock } from "../base/index.ts";

/** Something at the control surface that belongs into the record: who was refused and why, and what was done on whose word. */
export interface ControlIncident {
  readonly kind: "other-user" | "wrong-secret" | "unproven" | "denied" | "abuse" | "operated";
  readonly uid: number | undefined;
  readonly pid: number | undefined;
  /** The client's own words about itself; it may lie. */
  readonly client: string | undefined;
  readonly call?: string;
  readonly detail: string;
}

export type ReportIncident = (incident: ControlIncident) => void;

const windowMs = 60_000;
const maxPerWindow = 30;

/**
 * Let refusals through to the record at a bounded rate: somebody who knocks in a loop must not fill the disk. What was left out is
 * counted in the next one that is told. What was done (`operated`) is always told.
 */
export function limitIncidents(report: ReportIncident, clock: Clock): ReportIncident {
  let windowEnds = 0;
  let told = 0;
  let leftOut = 0;
  return (incident) => {
    if (incident.kind === "operated") return report(incident);
    const now = clock.monotonic();
    if (now >= windowEnds) {
      windowEnds = now + windowMs;
      told = 0;
    }
    told += 1;
    if (told > maxPerWindow) {
      leftOut += 1;
      return;
    }
    report(leftOut === 0 ? incident : { ...incident, detail: `${incident.detail} (${leftOut} more were refused and not recorded)` });
    leftOut = 0;
  };
}
