import type { AuditQuery, AuditRecord } from "../contract/index.ts";
import { canonicalJson } from "./chain.ts";
import { formatEcs } from "./ecs.ts";
import type { ExportFormat } from "./export-format.ts";
import { formatOcsf } from "./ocsf.ts";
import type { Page } from "./search.ts";

const FORMATS: Record<ExportFormat, (record: AuditRecord) => unknown> = {
  jsonl: (record) => record,
  ocsf: formatOcsf,
  ecs: formatEcs,
};

/** Few enough that formatting a page does not keep the agent's connections waiting. */
const PAGE = 50;

/** All matching records, oldest first, a line each without its line feed. Reads a page at a time, so it holds no lock and little memory. */
export async function* exportLines(
  format: ExportFormat,
  query: AuditQuery,
  search: (query: AuditQuery) => Page | Promise<Page>,
): AsyncGenerator<string, void, undefined> {
  const write = FORMATS[format];
  let after = query.after;
  for (let more = true; more; ) {
    const page = await search({ ...query, order: "asc", limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const record of page.records) yield canonicalJson(write(record));
    after = page.records.at(-1)?.seq;
    more = page.more;
  }
}
