import { openBridge, realClock } from "../bridge/index.ts";
import { start } from "./start.tsx";

/** A message that does not fit the table is dropped and reported where a developer looks; the next snapshot mends the picture. */
function reportBadMessage(cause: unknown): void {
  window.reportError(cause);
}

start(openBridge(reportBadMessage), realClock);
