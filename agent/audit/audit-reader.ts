import { existsSync } from "node:fs";
import { AgentError, formatCause } from "../base/index.ts";
import type { AuditQuery, AuditRecord, AuditVerification } from "../contract/index.ts";
import { type ClerkDesk, createClerkDesk } from "./clerk-desk.ts";
import type { ExportFormat } from "./export-format.ts";
import { exportLines } from "./export-lines.ts";
import { listSegments } from "./journal-segment.ts";
import { storePath } from "./store.ts";

/** The record of an agent that need not be running. Adds nothing to it; may file what the journal holds, which changes no record. */
export interface AuditReader {
  query(query: AuditQuery): { readonly records: readonly AuditRecord[]; readonly more: boolean };
  verify(options?: { readonly head?: string }): Promise<AuditVerification>;
  export(format: ExportFormat, query?: AuditQuery): AsyncIterable<string>;
  close(): void;
}

/** Throws RECORD_UNAVAILABLE when there is no record in `dir` or it cannot be read. Safe beside a running agent. */
export function openAuditReader(dir: string): AuditReader {
  if (!existsSync(storePath(dir)) && (!existsSync(dir) || listSegments(dir).length === 0)) {
    throw new AgentError("RECORD_UNAVAILABLE", `there is no record in ${dir}`);
  }
  const desk = createClerkDesk(dir);
  const search = (query: AuditQuery) => translate(dir, () => desk.search(query) as Awaited<ReturnType<ClerkDesk["search"]>>);
  return {
    query: search,
    verify: async (options = {}) => translate(dir, () => desk.verify(options)),
    export: (format, query = {}) => exportLines(format, query, search),
    close: () => desk.close(),
  };
}

function translate<T>(dir: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new AgentError("RECORD_UNAVAILABLE", `the record in ${dir} cannot be read: ${formatCause(cause)}`, { cause });
  }
}
