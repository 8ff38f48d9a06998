import { lstatSync, mkdirSync } from "node:fs";
import { AgentError } from "../base/index.ts";

/**
 * SECURITY: the directory of the socket is created closed to everybody else and then looked at, never tightened later: what was open
 * for a moment may hold a stranger's descriptor or file. Throws `AGENT_STATE_DIR` with what is wrong and how to mend it.
 */
export function createStrictDirectory(path: string, uid: number | undefined): void {
  try {
    mkdirSync(path, { recursive: false, mode: 0o700 });
  } catch (cause) {
    if (!isSystemError(cause, "EEXIST")) throw new AgentError("AGENT_STATE_DIR", `${path} cannot be created`, { cause });
  }
  assertStrictDirectory(path, uid);
}

/** The same look for a client before it trusts a socket in there. */
export function assertStrictDirectory(path: string, uid: number | undefined): void {
  const wrong = whatIsWrong(path, uid);
  if (wrong !== undefined) throw new AgentError("AGENT_STATE_DIR", `${path} ${wrong}; remove it, or choose another --state-dir`);
}

function whatIsWrong(path: string, uid: number | undefined): string | undefined {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return "is a symbolic link";
  if (!found.isDirectory()) return "is not a directory";
  if (uid === undefined) return undefined;
  if (found.uid !== uid) return `belongs to user id ${found.uid}, not to you`;
  if ((found.mode & 0o077) !== 0) return `is open to other users (mode ${(found.mode & 0o777).toString(8)}, needs 700)`;
  return undefined;
}

export function isSystemError(cause: unknown, ...codes: readonly string[]): boolean {
  return cause instanceof Error && "code" in cause && codes.includes(String(cause.code));
}
