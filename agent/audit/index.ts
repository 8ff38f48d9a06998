/**
 * The honest record: append-only, hash-chained, durable before a byte travels, searchable and checkable while the agent runs.
 * It decides nothing and knows no socket. `agent/main` knocks here, and the command line for records of an agent that is not running.
 */
export { type Audit, type AuditOptions, createAudit } from "./audit.ts";
export { type AuditReader, openAuditReader } from "./audit-reader.ts";
export type { ChainHead } from "./chained-lines.ts";
export type { AuditEvent, AuditEventName, EndContext, VerdictContext } from "./entry.ts";
export type { ExportFormat } from "./export-format.ts";
export type { JournalFile, OpenJournalFile } from "./journal-file.ts";
