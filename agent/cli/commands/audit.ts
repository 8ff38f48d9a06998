import type { AuditQuery, AuditRecord } from "../../contract/index.ts";
import type { Action } from "../command.ts";
import { readAuditQuery } from "../audit-words.ts";
import { formatDestination, formatRule, paintOutcome } from "../connection-rows.ts";
import type { Paint } from "../paint.ts";
import { openRecord, type OpenedRecord } from "../record.ts";
import { type Column, formatTable } from "../table.ts";
import { formatShortTime } from "../units.ts";

const pageSize = 1000;

/** The newest records, shown oldest first so that the last line is the latest news. With `--json` one record a line. */
export const searchAudit: Action = async (words, world) => {
  const now = world.clock.now();
  const query = readAuditQuery(words, now);
  const limit = words.integer("limit", { min: 1, max: 1_000_000 }) ?? 50;
  const record = await openRecord(world);
  try {
    const { records, more } = await newest(record, query, limit);
    if (words.has("json")) for (const one of records) world.print(JSON.stringify(one));
    else if (records.length === 0) world.remark("No record fits.");
    else world.print(formatTable(recordColumns(now, world.paint), records, world.width));
    if (more && !words.has("json")) world.remark(`There are older ones; --limit shows more than ${limit}.`);
  } finally {
    record.close();
  }
  return 0;
};

async function newest(
  record: OpenedRecord,
  query: AuditQuery,
  limit: number,
): Promise<{ readonly records: readonly AuditRecord[]; readonly more: boolean }> {
  const found: AuditRecord[] = [];
  for (;;) {
    const after = found.at(-1)?.seq;
    const page = {
      ...query,
      order: "desc" as const,
      limit: Math.min(pageSize, limit - found.length),
      ...(after === undefined ? {} : { after }),
    };
    const { records, more } = await record.query(page);
    found.push(...records);
    if (!more || records.length === 0 || found.length >= limit) return { records: found.toReversed(), more };
  }
}

const recordColumns = (now: number, paint: Paint): readonly Column<AuditRecord>[] => [
  { title: "SEQ", cell: (one) => String(one.seq), align: "right" },
  { title: "TIME", cell: (one) => formatShortTime(one.time, now) },
  { title: "KIND", cell: (one) => one.kind },
  { title: "DECISION", cell: (one) => one.outcome ?? "", paint: (text, one) => paintOutcome(paint, one.outcome, text) },
  { title: "PROGRAM", cell: (one) => one.program?.split(/[/\\]/).at(-1) ?? "", shrinksTo: 7 },
  { title: "USER", cell: (one) => one.user ?? "", shrinksTo: 4 },
  { title: "DESTINATION", cell: (one) => (one.host === undefined ? "" : formatDestination(one.host, one.port ?? 0)), shrinksTo: 16 },
  { title: "RULE", cell: (one) => formatRule(one.rule), shrinksTo: 8 },
  { title: "INCIDENT", cell: (one) => one.incident ?? "" },
  { title: "WHAT", cell: whatOf, shrinksTo: 10 },
];

/** The words in the body that tell most: how a connection ended, or which event it was and what there is to say of it. */
function whatOf({ body }: AuditRecord): string {
  const words = [body["event"], body["end"], body["detail"], ...detailsOf(body["detail"])].filter((word) => typeof word === "string");
  return words.join(" ");
}

/** `code=ACCEPT_OTHER_USER uid=65534`: the details of an event; digests and the like are in the record itself (`--json`). */
function detailsOf(detail: unknown): readonly string[] {
  if (typeof detail !== "object" || detail === null) return [];
  const told = Object.entries(detail).filter(([, value]) => typeof value !== "string" || value.length <= maxDetail);
  return told.map(([key, value]) => `${key}=${String(value)}`);
}

/** Shorter than a digest, which says nothing in a table. */
const maxDetail = 60;
