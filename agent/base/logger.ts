/** Structured fields of a log line. Never a secret, never a payload byte. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The shape of the log; `agent/main` writes JSON lines to stderr, tests collect them. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
