import { existsSync } from "node:fs";
import { join } from "node:path";
import { AgentError } from "../base/index.ts";
import type { AuditReader } from "../audit/index.ts";
import type { AuditQuery, AuditRecord, AuditVerification } from "../contract/index.ts";
import { UsageMistake } from "./usage-mistake.ts";
import type { World } from "./world.ts";

/** The record, through the agent when it runs and from its files when it does not. */
export interface OpenedRecord {
  query(query: AuditQuery): Promise<{ readonly records: readonly AuditRecord[]; readonly more: boolean }>;
  verify(head: string | undefined): Promise<AuditVerification>;
  close(): void;
}

export async function openRecord(world: World): Promise<OpenedRecord> {
  try {
    const agent = await world.connect();
    return {
      query: (query) => agent.call("audit.query", query),
      verify: (head) => agent.call("audit.verify", head === undefined ? {} : { head }),
      close: () => agent.close(),
    };
  } catch (cause) {
    if (!(cause instanceof AgentError) || cause.code !== "AGENT_UNREACHABLE") throw cause;
    return overFiles(await openRecordFiles(world));
  }
}

/** The record's own files; safe beside a running agent. Where there are none, the words name the wrong place. */
export async function openRecordFiles(world: World): Promise<AuditReader> {
  const dir = join(await world.stateDirOf(), "audit");
  if (!existsSync(dir))
    throw new UsageMistake(`there is no record in ${dir}`, "no agent has run on this state directory; --state-dir names another one");
  const { openAuditReader } = await import("../audit/index.ts");
  return openAuditReader(dir);
}

function overFiles(reader: AuditReader): OpenedRecord {
  return {
    query: async (query) => reader.query(query),
    verify: (head) => reader.verify(head === undefined ? {} : { head }),
    close: () => reader.close(),
  };
}
