import type { Clock } from "../base/index.ts";
import type { End, Request, Verdict } from "../connection/index.ts";
import type { Alarm, AuditQuery, AuditRecord, AuditVerification } from "../contract/index.ts";
import type { AuditEvent, EndContext, VerdictContext } from "./entry.ts";
import { exportLines } from "./export-lines.ts";
import type { ExportFormat } from "./export-format.ts";
import { Keeper } from "./keeper.ts";
import { endDraft, eventDraft, verdictDraft } from "./draft.ts";
import type { ChainHead } from "./chained-lines.ts";
import type { OpenJournalFile } from "./journal-file.ts";

export interface AuditOptions {
  /** A directory of the record's own, made when missing, mode 0700. */
  readonly dir: string;
  readonly clock: Clock;
  /** Records older than this are cut away, on the chain. */
  readonly keepMs?: number;
  /** Upper bound of what the records take on disk; the oldest are cut away, on the chain. */
  readonly maxBytes?: number;
  /** `process` (default): acknowledged records survive the death of the agent. `full`: and that of the machine, for a disk flush each batch. */
  readonly sync?: "process" | "full";
  /** Called whenever the standing alarms change: the record cannot be written, cannot be filed, or was damaged. */
  readonly onAlarms?: (alarms: readonly Alarm[]) => void;
  /** Where the clerk's thread begins, when the agent is bundled. */
  readonly clerkUrl?: URL;
  /** A journal file is filed and begun anew after so many bytes; default 1 MB. */
  readonly segmentBytes?: number;
  /** Where the journal's bytes go; for tests with disks that fail. */
  readonly openFile?: OpenJournalFile;
}

export interface Audit {
  /**
   * Read what is there, close the connections that an earlier life left open. Records may be asked for before it resolves; they wait.
   * When it rejects, records are refused and it is tried again every few seconds; the alarm says so.
   */
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
  /** One line of text for each matching record, oldest first. Limits and order of `query` do not apply. */
  export(format: ExportFormat, query?: AuditQuery): AsyncIterable<string>;
  /** The last durable record; undefined before {@link Audit.start} is through. Note the digest elsewhere. */
  readonly head: ChainHead | undefined;
  readonly alarms: readonly Alarm[];
  /** Write what waits, file it, end the clerk. Later records are refused. */
  close(): Promise<void>;
}

/** The record of a running agent. At most one for each directory: hold the state directory's lock. */
export function createAudit(options: AuditOptions): Audit {
  const keeper = new Keeper(options);
  const { clock } = options;
  return {
    start: () => keeper.start(),
    recordVerdict: (request, verdict, context = {}) => keeper.append(verdictDraft(request, verdict, context, clock.now()), true),
    recordEnd: (request, end, context = {}) => keeper.append(endDraft(request, end, context, clock.now()), false),
    recordEvent: (event) => keeper.append(eventDraft(event, clock.now()), false),
    query: (query) => keeper.search(query),
    verify: (wanted = {}) => keeper.verify(wanted),
    export: (format, query = {}) => exportLines(format, query, (page) => keeper.search(page)),
    get head() {
      return keeper.head;
    },
    get alarms() {
      return keeper.alarms;
    },
    close: () => keeper.close(),
  };
}
