import { existsSync, readdirSync, rmSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { AgentError } from "../base/index.ts";
import { ensurePrivateDir } from "../platform/index.ts";

/**
 * Keep what V8 makes of our sources from one start to the next: a tenth less time until connections are accepted. The runtime checks that it
 * belongs to exactly these sources and writes it when the agent stops.
 * SECURITY: what is kept is code. It lies where only our own user may write, or nothing is kept; a place that is not safe is told by the
 * start itself, which refuses it.
 */
export function keepCompiledCode(stateDir: string, version: string): void {
  // Whether the very first start may make the place is decided when its configuration was read.
  if (!existsSync(stateDir)) return;
  const kept = join(stateDir, "compiled");
  try {
    ensurePrivateDir(stateDir);
    ensurePrivateDir(kept);
    for (const other of readdirSync(kept)) if (other !== version) rmSync(join(kept, other), { recursive: true, force: true });
  } catch (cause) {
    if (cause instanceof AgentError || isSystemError(cause)) return;
    throw cause;
  }
  enableCompileCache(join(kept, version));
}

/** A full or read-only disk: the start goes on without. */
function isSystemError(cause: unknown): boolean {
  return cause instanceof Error && "syscall" in cause;
}
