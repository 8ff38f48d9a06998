import type { AuditQuery, AuditRecord, AuditVerification } from "../contract/index.ts";
import type { ExportFormat } from "./export-format.ts";

/** The record of an agent that need not be running. */
export interface AuditReader {
  query(query: AuditQuery): { readonly records: readonly AuditRecord[]; readonly more: boolean };
  verify(options?: { readonly head?: string }): Promise<AuditVerification>;
  export(format: ExportFormat, query?: AuditQuery): AsyncIterable<string>;
  close(): void;
}

/** Throws RECORD_UNAVAILABLE when there is no record in `dir` or it cannot be read. */
export function openAuditReader(dir: string): AuditReader {
  throw new Error(dir);
}
