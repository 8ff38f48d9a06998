import type { Logger } from "../base/index.ts";

/** Keeps the names of what was logged. */
export class TellingLogger implements Logger {
  readonly lines: string[] = [];
  debug(event: string): void {
    this.lines.push(event);
  }
  info(event: string): void {
    this.lines.push(event);
  }
  warn(event: string): void {
    this.lines.push(event);
  }
  error(event: string): void {
    this.lines.push(event);
  }
}
