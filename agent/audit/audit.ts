import type { Clock, Logger } from "../base/index.ts";
import type { End, Request, Verdict } from "../connection/index.ts";
import type { Alarm, AuditQuery, AuditRecord, AuditVerification } from "../contract/index.ts";
import type { AuditEvent, EndContext, VerdictContext } from "./entry.ts";
import type { ExportFormat } from "./export-format.ts";

export interface AuditOptions {
  /** A directory of the record's own, made when missing, mode 0700. */
  readonly dir: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Records older than this are cut away, on the chain. */
  readonly keepMs?: number;
  /** Upper bound of what the record takes on disk; the oldest are cut away, on the chain. */
  readonly maxBytes?: number;
  /** `process`: acknowledged records survive the death of the agent. `full`: and that of the machine, for one disk flush each batch. */
  readonly sync?: "process" | "full";
  /** Called with an alarm when the record cannot be written or was damaged, and with `undefined` when writing works again. */
  readonly onAlarm?: (alarm: Alarm | undefined) => void;
  /** Where the clerk's thread begins, when the agent is bundled. */
  readonly clerkUrl?: URL;
}

export interface Audit {
  /** Read what is there, close the connections that an earlier life left open. Records may be written before it resolves. */
  start(): Promise<void>;
  /** Resolves when the verdict is durable; rejects with RECORD_UNAVAILABLE. */
  recordVerdict(request: Request, verdict: Verdict, context?: VerdictContext): Promise<void>;
  /** Resolves when durable. When it rejects, the end is kept and written once that is possible again. */
  recordEnd(request: Request, end: End, context?: EndContext): Promise<void>;
  /** As {@link Audit.recordEnd}. */
  recordEvent(event: AuditEvent): Promise<void>;
  query(query: AuditQuery): Promise<{ readonly records: readonly AuditRecord[]; readonly more: boolean }>;
  /** Checks every record that is kept; with `head`, also that the record with this digest is still among them. */
  verify(options?: { readonly head?: string }): Promise<AuditVerification>;
  /** One line of text for each matching record, oldest first. */
  export(format: ExportFormat, query?: AuditQuery): AsyncIterable<string>;
  /** The last durable record; undefined before {@link Audit.start}. Note the digest elsewhere. */
  readonly head: { readonly seq: number; readonly hash: string } | undefined;
  readonly alarms: readonly Alarm[];
  /** Write what waits, file it, end the clerk. Later calls reject. */
  close(): Promise<void>;
}

export function createAudit(options: AuditOptions): Audit {
  throw new Error(options.dir);
}
