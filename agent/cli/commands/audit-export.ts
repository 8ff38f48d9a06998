import type { Action } from "../command.ts";
import { readAuditQuery } from "../audit-words.ts";
import { openRecordFiles } from "../record.ts";
import { UsageMistake } from "../usage-mistake.ts";

const formats = ["jsonl", "ocsf", "ecs"] as const;

/** Oldest first, one object a line, whatever the length: nothing is gathered in memory. */
export const exportAudit: Action = async (words, world) => {
  const format = formats.find((one) => one === (words.value("format") ?? "jsonl"));
  if (format === undefined) throw new UsageMistake("there is no such format");
  const query = readAuditQuery(words, world.clock.now());
  const reader = await openRecordFiles(world);
  try {
    for await (const line of reader.export(format, query)) {
      if (world.signal.aborted) return 1;
      world.print(line);
    }
    return 0;
  } finally {
    reader.close();
  }
};
