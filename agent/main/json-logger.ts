import type { Clock, LogFields, Logger } from "../base/index.ts";

const levels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof levels)[number];

/** One JSON object a line: `time`, `level`, `event`, then the fields. A reader that went away is not an error of ours. */
export function createJsonLogger(write: (line: string) => void, clock: Clock, least: LogLevel = "info"): Logger {
  const from = levels.indexOf(least);
  const log = (level: LogLevel) => (event: string, fields?: LogFields) => {
    if (levels.indexOf(level) < from) return;
    write(`${JSON.stringify({ time: new Date(clock.now()).toISOString(), level, event, ...fields })}\n`);
  };
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
