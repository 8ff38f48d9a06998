import type { Peer, Verdict } from "../connection/index.ts";

/** What is known beside request and verdict when a verdict is recorded. */
export interface VerdictContext {
  readonly incident?: string;
  /** Who asked, as far as it was found out by then; `request.peer` otherwise. */
  readonly peer?: Peer;
}

/** What is known beside request and end when an end is recorded. */
export interface EndContext extends VerdictContext {
  /** The verdict that let it through: its log level governs what the end may tell. */
  readonly verdict?: Verdict;
  readonly backend?: string;
  /** `address:port` that was reached. */
  readonly address?: string;
}

export const auditEventNames = [
  "agent_started",
  "agent_stopped",
  "config_activated",
  "policy_activated",
  "reload_refused",
  "caller_refused",
  "caller_operated",
  "hold_resolved",
  "alarm_raised",
  "alarm_cleared",
  "trust_renewed",
  "certificate_enrolled",
  "certificate_renewed",
  "certificate_not_renewed",
  "dangerous_setting",
  "host_key_accepted",
  "record_cut",
  "record_set_aside",
  "record_resumed",
] as const;
export type AuditEventName = (typeof auditEventNames)[number];

/** Something that happened to the agent. `detail` is written as it is: nothing secret belongs in it. */
export interface AuditEvent {
  readonly name: AuditEventName;
  /** The number that somebody was told, so that it is found by it. */
  readonly incident?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean | undefined>>;
}
