import type { AuditQuery, Outcome } from "../contract/index.ts";
import { parseDuration } from "../base/index.ts";
import { parseInstant } from "./units.ts";
import { UsageMistake } from "./usage-mistake.ts";
import type { Words } from "./words.ts";

/** The search that the flags describe, without its size. */
export function readAuditQuery(words: Words, now: number): AuditQuery {
  const since = readInstant(words, "since", now);
  const until = readInstant(words, "until", now);
  const outcome = words.value("outcome");
  const text = words.value("text");
  if (text !== undefined && text.length > 200) throw new UsageMistake("--text takes at most 200 characters");
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(outcome === undefined ? {} : { outcome: outcome as Outcome }),
    ...(text === undefined ? {} : { text }),
  };
}

function readInstant(words: Words, flag: string, now: number): number | undefined {
  const text = words.value(flag);
  if (text === undefined) return undefined;
  const instant = parseInstant(text, now, parseDuration(text));
  if (instant !== undefined) return instant;
  throw new UsageMistake(
    `--${flag} cannot be read: ${JSON.stringify(text)}`,
    "write an age (2h, 7d), a day (2026-09-21), or a time (2026-09-21 14:00)",
  );
}
