import { lstatSync, renameSync, rmdirSync, unlinkSync } from "node:fs";
import { once } from "node:events";
import { connect, type Server } from "node:net";
import { AgentError } from "../base/index.ts";
import type { ControlEndpoint } from "./endpoint.ts";
import { createStrictDirectory, isSystemError } from "./strict-directory.ts";

/** Bind a server to the endpoint, so that from its first moment nobody else can reach it. */
export async function bindStrictly(server: Server, endpoint: ControlEndpoint, uid: number | undefined): Promise<void> {
  if (endpoint.kind === "socket") {
    createStrictDirectory(endpoint.dir, uid);
    await clearStaleSocket(endpoint.path, uid);
  }
  const listening = once(server, "listening");
  listenClosed(server, endpoint);
  try {
    await listening;
  } catch (cause) {
    throw describeBindFailure(cause, endpoint);
  }
}

/** Remove what the socket leaves behind; the file itself goes with the server. */
export function removeEndpoint(endpoint: ControlEndpoint): void {
  if (endpoint.kind === "pipe") return;
  try {
    rmdirSync(endpoint.dir);
  } catch (cause) {
    if (!isSystemError(cause, "ENOENT", "ENOTEMPTY", "EEXIST", "EBUSY")) throw cause;
  }
}

/**
 * SECURITY: `listen` on a path binds before it returns, so the mask is in force for exactly that call and the socket is born 0600.
 * INVARIANT: a test looks at the mode of the fresh socket.
 */
function listenClosed(server: Server, endpoint: ControlEndpoint): void {
  if (endpoint.kind === "pipe") {
    server.listen({ path: endpoint.path, exclusive: true, readableAll: false, writableAll: false });
    return;
  }
  const mask = process.umask(0o177);
  try {
    server.listen({ path: endpoint.path, exclusive: true });
  } finally {
    process.umask(mask);
  }
}

/** A dead socket of ours is a killed agent's; a living one is another agent; anything else is not ours to touch. */
async function clearStaleSocket(path: string, uid: number | undefined): Promise<void> {
  if (!isOwnSocket(path, uid)) return;
  if (await answers(path)) throw alreadyRunning(path);
  // Two agents may start at once. Moving the file aside takes exactly one socket away, and asking it again shows whether it is still
  // the dead one or the one that the other agent has bound in the meantime.
  const aside = `${path}.${process.pid}`;
  renameSync(path, aside);
  if (await answers(aside)) {
    renameSync(aside, path);
    throw alreadyRunning(path);
  }
  unlinkSync(aside);
}

function isOwnSocket(path: string, uid: number | undefined): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const remedy = "remove it, or choose another --state-dir";
  if (!found.isSocket()) throw new AgentError("AGENT_STATE_DIR", `${path} is not a socket; ${remedy}`);
  if (uid !== undefined && found.uid !== uid) {
    throw new AgentError("AGENT_STATE_DIR", `${path} belongs to user id ${found.uid}, not to you; ${remedy}`);
  }
  return true;
}

/** Whether somebody accepts on a socket. Only a refusal proves that nobody does. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch (cause) {
    if (isSystemError(cause, "ECONNREFUSED", "ENOENT")) return false;
    if (isSystemError(cause, "EAGAIN")) return true;
    throw new AgentError("AGENT_STATE_DIR", `${path} cannot be examined`, { cause });
  } finally {
    socket.destroy();
  }
}

function alreadyRunning(path: string): AgentError {
  return new AgentError("AGENT_RUNNING", `an agent answers on ${path}`);
}

function describeBindFailure(cause: unknown, endpoint: ControlEndpoint): AgentError {
  if (isSystemError(cause, "EADDRINUSE")) return alreadyRunning(endpoint.path);
  if (isSystemError(cause, "EINVAL", "ENAMETOOLONG")) {
    const bytes = Buffer.byteLength(endpoint.path);
    return new AgentError("AGENT_STATE_DIR", `${endpoint.path} is too long for a socket (${bytes} bytes); choose a shorter --state-dir`, {
      cause,
    });
  }
  return new AgentError("AGENT_STATE_DIR", `${endpoint.path} cannot be opened`, { cause });
}
