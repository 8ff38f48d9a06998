/**
 * From a socket's inode to a process that holds it. The kernel keeps no such table, so the descriptors of processes are looked
 * through: first those of programs that opened connections lately, then all, in slices between which other work goes on.
 */
import { readdirSync, readlinkSync, statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { lookAtProcess } from "./proc-process.ts";
import { type KnownProgram, type Program, unknown } from "./owner.ts";

/** Programs open connections in bursts: the last few of a user nearly always hold the next socket, too. */
const RECENT_PIDS = 16;
const RECENT_USERS = 64;
/** About half a millisecond of work on a laptop. */
const LOOKS_PER_SLICE = 250;
const CACHED = 4096;

/** A socket as a program holds it: `/proc/PID/fd/FD` is a link to its inode. */
interface Holding {
  readonly pid: number;
  readonly fd: string;
}

export interface SocketHolders {
  programOf(socket: { readonly uid: number; readonly inode: number }, signal?: AbortSignal): Promise<Program>;
}

export function createSocketHolders(): SocketHolders {
  const recent = createRecentPids();
  const held = new Map<string, Holding>();

  const remember = (uid: number, inode: number, holding: Holding): void => {
    recent.touch(uid, holding.pid);
    held.set(`${uid}:${inode}`, holding);
    if (held.size > CACHED) dropOldest(held);
  };

  const find = async (uid: number, inode: number, signal?: AbortSignal): Promise<Holding | undefined> => {
    const cached = held.get(`${uid}:${inode}`);
    if (cached !== undefined && isHolding(cached, inode)) return cached;
    const budget = { looks: LOOKS_PER_SLICE, ...(signal === undefined ? {} : { signal }) };
    return (await findAmong(recent.of(uid), inode, budget)) ?? findAmong(processesOf(uid), inode, budget);
  };

  return {
    async programOf({ uid, inode }, signal) {
      const holding = await find(uid, inode, signal);
      if (holding === undefined) return unknown("the connection's program has ended or may not be seen by this user");
      remember(uid, inode, holding);
      return identify(holding, inode);
    },
  };
}

/**
 * SECURITY: the descriptor is looked at again after the process: a process that holds the socket before and after, with one start
 * time, is the one that was looked at, and not another one under its number.
 */
function identify(holding: Holding, inode: number): Program {
  const look = lookAtProcess(holding.pid);
  if (look === undefined || !isHolding(holding, inode) || lookAtProcess(holding.pid)?.startTicks !== look.startTicks) {
    return unknown("the program ended while it was looked at");
  }
  return knownProgram(holding.pid, look);
}

export function knownProgram(pid: number, look: NonNullable<ReturnType<typeof lookAtProcess>>): KnownProgram {
  const { exe, exeDeleted, startTicks, unit } = look;
  return { kind: "known", pid, exe, exeDeleted, startTicks, ...(unit === undefined ? {} : { unit }) };
}

/** Work that is left in this slice; `findAmong` lets others run when it is used up. */
interface Budget {
  looks: number;
  readonly signal?: AbortSignal;
}

async function findAmong(pids: Iterable<number>, inode: number, budget: Budget): Promise<Holding | undefined> {
  const wanted = `socket:[${inode}]`;
  for (const pid of pids) {
    for (const fd of descriptorsOf(pid)) {
      if (readLink(`/proc/${pid}/fd/${fd}`) === wanted) return { pid, fd };
      if (--budget.looks <= 0) await nextSlice(budget);
    }
    budget.looks--;
  }
  return undefined;
}

async function nextSlice(budget: Budget): Promise<void> {
  budget.signal?.throwIfAborted();
  await setImmediate();
  budget.signal?.throwIfAborted();
  budget.looks = LOOKS_PER_SLICE;
}

/** Processes of the socket's user first, because a program may have given up its rights; newest first, because they are likelier. */
function* processesOf(uid: number): Generator<number> {
  const others: number[] = [];
  const pids = listDirectory("/proc").filter((name) => /^\d+$/.test(name));
  for (const name of pids.toReversed()) {
    const pid = Number(name);
    if (ownerOf(pid) === uid) yield pid;
    else others.push(pid);
  }
  yield* others;
}

function isHolding({ pid, fd }: Holding, inode: number): boolean {
  return readLink(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
}

function descriptorsOf(pid: number): string[] {
  return listDirectory(`/proc/${pid}/fd`);
}

/** Processes end and hide at any time: a directory or link that is not there is simply not the one. */
function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function ownerOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return undefined;
  }
}

/** The last processes of each user that opened connections, latest first. */
function createRecentPids() {
  const byUser = new Map<number, readonly number[]>();
  return {
    of: (uid: number): readonly number[] => byUser.get(uid) ?? [],
    touch(uid: number, pid: number): void {
      const pids = byUser.get(uid);
      if (pids?.[0] === pid) return;
      byUser.set(uid, [pid, ...(pids ?? []).filter((other) => other !== pid)].slice(0, RECENT_PIDS));
      if (byUser.size > RECENT_USERS) dropOldest(byUser);
    },
  };
}

function dropOldest(map: Map<unknown, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
