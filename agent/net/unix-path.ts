import { lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import process from "node:process";
import { AgentError } from "../base/index.ts";

/**
 * Make room for a Unix socket at `path`: a socket that a dead agent of ours left is removed, anything else is left alone and refused.
 * SECURITY: a path that somebody else owns, or that is no socket, is never removed.
 */
export async function clearStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new AgentError("AGENT_LISTEN", `${path} exists and is not a socket; choose another path or remove it`);
  if (found.uid !== process.getuid?.()) throw new AgentError("AGENT_LISTEN", `${path} belongs to another user; choose another path`);
  if (await answers(path)) throw new AgentError("AGENT_LISTEN", `${path} is served by another process; stop it or choose another path`);
  await unlink(path);
}

/** SECURITY: the socket must be ours and open to nobody else before the first connection is served. */
export async function assertPrivateSocket(path: string): Promise<void> {
  const found = await lstat(path);
  const isPrivate = found.isSocket() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  if (!isPrivate) throw new AgentError("AGENT_LISTEN", `${path} could not be made private; use a directory that is yours alone`);
}

/** Run `bind` such that what it creates is readable and writable by the owner only. It must bind before it returns. */
export function withPrivateUmask(bind: () => void): void {
  const before = process.umask(0o177);
  try {
    bind();
  } finally {
    process.umask(before);
  }
}

/** Only a refusal proves that nobody listens; any doubt counts as an answer. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (cause: NodeJS.ErrnoException) => resolve(cause.code !== "ECONNREFUSED"));
  });
}
