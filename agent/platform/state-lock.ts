import { randomBytes } from "node:crypto";
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { AgentError, formatCause } from "../base/index.ts";
import { type Libc, openLibc } from "./libc.ts";

/** While it is held, no other agent can use the same state directory. It ends with the process, however that ends. */
export interface StateLock {
  release(): Promise<void>;
}

const LOCK_FILE = "agent.lock";
const LOCK_EX_NB = 2 | 4;
/** open(2) on macOS takes the lock at once: `O_EXLOCK`. */
const O_EXLOCK = 0x20;

export interface LockOptions {
  /** `name` leaves `flock` out, for a runtime without `node:ffi`. */
  readonly way?: "file" | "name";
}

/**
 * Take the state directory for this process, or throw AGENT_RUNNING with the pid of the one that has it.
 *
 * INVARIANT: the lock lives in the kernel, not in the file: after `kill -9` the file remains and locks nobody out (state-lock.test.ts).
 * The file only carries the pid. The directory must be private (`ensurePrivateDir`).
 */
export async function lockStateDir(stateDir: string, { way = "file" }: LockOptions = {}): Promise<StateLock> {
  const path = join(stateDir, LOCK_FILE);
  const libc = openLibc();
  if (way === "file" && process.platform === "darwin") return holdFile(openDarwinLocked(path));
  if (way === "file" && process.platform === "linux" && libc !== undefined) return holdFile(openFlocked(path, libc));
  return holdName(path);
}

function openFlocked(path: string, libc: Libc): number {
  const fd = openLockFile(path);
  if (libc.flock(fd, LOCK_EX_NB) === 0) return fd;
  closeSync(fd);
  throw runningElsewhere(path);
}

function openDarwinLocked(path: string): number {
  try {
    return openLockFile(path, O_EXLOCK | constants.O_NONBLOCK);
  } catch (cause) {
    const isTaken = cause instanceof AgentError && cause.cause instanceof Error && "code" in cause.cause && cause.cause.code === "EAGAIN";
    throw isTaken ? runningElsewhere(path) : cause;
  }
}

/** Node opens with O_CLOEXEC, so children do not inherit the lock. */
function openLockFile(path: string, flags = 0): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | flags, 0o600);
  } catch (cause) {
    throw new AgentError("AGENT_STATE_DIR", `${path} cannot be opened: ${formatCause(cause)}`, { cause });
  }
}

function holdFile(fd: number): StateLock {
  const pid = `${process.pid}\n`;
  ftruncateSync(fd);
  writeSync(fd, pid, 0);
  let held = true;
  return {
    async release() {
      if (held) closeSync(fd);
      held = false;
    },
  };
}

/**
 * Without `flock`: a name in the kernel that only one process can bind and that goes with it, an abstract socket on Linux and a pipe
 * on Windows. SECURITY: everybody may bind such names, so this one contains a secret from the private directory.
 */
async function holdName(path: string): Promise<StateLock> {
  const secret = readOrCreateSecret(`${path}.name`);
  const name = process.platform === "win32" ? `\\\\.\\pipe\\portail-lock-${secret}` : `\0portail-lock-${secret}`;
  const server = await bind(name, path);
  const fd = openLockFile(path);
  const file = holdFile(fd);
  return {
    async release() {
      await file.release();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function readOrCreateSecret(path: string): string {
  try {
    const fd = openSync(path, "wx", 0o600);
    writeSync(fd, randomBytes(16).toString("hex"));
    closeSync(fd);
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    if (!isThere) throw new AgentError("AGENT_STATE_DIR", `${path} cannot be created: ${formatCause(cause)}`, { cause });
  }
  return readFileSync(path, "utf8");
}

async function bind(name: string, path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).unref();
  return new Promise((resolve, reject) => {
    server.once("error", () => reject(runningElsewhere(path)));
    server.listen({ path: name, exclusive: true }, () => resolve(server));
  });
}

function runningElsewhere(path: string): AgentError {
  const pid = readPid(path);
  return new AgentError("AGENT_RUNNING", pid === undefined ? `another agent holds ${path}` : `the agent with pid ${pid} holds ${path}`);
}

function readPid(path: string): number | undefined {
  try {
    const [, pid] = /^(\d{1,10})\n$/.exec(readFileSync(path, "utf8")) ?? [];
    return pid === undefined ? undefined : Number(pid);
  } catch {
    return undefined;
  }
}
