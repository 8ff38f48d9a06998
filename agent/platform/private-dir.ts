import { lstatSync, mkdirSync, realpathSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { AgentError, formatCause } from "../base/index.ts";

/** How root looks from inside a user namespace that does not map it. */
const UNMAPPED_ROOT = 65_534;

/**
 * Make sure of a directory that is ours alone. It is created so, never tightened afterwards: in a directory that was open for a
 * moment, somebody may already wait. Throws AGENT_STATE_DIR with the remedy.
 */
export function ensurePrivateDir(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    if (!isExisting(cause)) throw new AgentError("AGENT_STATE_DIR", `${path} cannot be created: ${formatCause(cause)}`, { cause });
  }
  assertPrivateDir(path);
}

function isExisting(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "EEXIST";
}

/** SECURITY: whoever may rename the directory or a parent of it could put another one in its place. */
function assertPrivateDir(path: string): void {
  const found = lstat(path);
  if (found.isSymbolicLink()) throw refusal(path, "is a symbolic link", "name the directory itself");
  if (!found.isDirectory()) throw refusal(path, "is not a directory", "choose another one");
  if (process.platform === "win32") return;
  if (found.uid !== process.getuid?.()) throw refusal(path, `belongs to another user (uid ${found.uid})`, "choose another one");
  if ((found.mode & 0o077) !== 0) throw refusal(path, `is open to other users (mode ${modeOf(found)})`, `run: chmod 700 '${path}'`);
  for (let parent = realpathSync(dirname(path)); ; parent = dirname(parent)) {
    assertSafeParent(parent);
    if (parent === dirname(parent)) return;
  }
}

function assertSafeParent(path: string): void {
  const found = lstat(path);
  const isSticky = (found.mode & 0o1000) !== 0;
  if ((found.mode & 0o002) !== 0 && !isSticky) {
    throw refusal(path, `lets everybody replace what is in it (mode ${modeOf(found)})`, "choose a place below your home");
  }
  const owners = [0, process.getuid?.(), UNMAPPED_ROOT];
  if (!owners.includes(found.uid)) throw refusal(path, `belongs to another user (uid ${found.uid})`, "choose a place below your home");
}

function lstat(path: string): Stats {
  try {
    return lstatSync(path);
  } catch (cause) {
    throw new AgentError("AGENT_STATE_DIR", `${path} cannot be looked at: ${formatCause(cause)}`, { cause });
  }
}

function modeOf(found: Stats): string {
  return (found.mode & 0o7777).toString(8).padStart(4, "0");
}

function refusal(path: string, what: string, remedy: string): AgentError {
  return new AgentError("AGENT_STATE_DIR", `${path} ${what}; ${remedy}`);
}
