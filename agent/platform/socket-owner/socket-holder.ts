/**
 * From a socket's inode to a process that holds it. The kernel keeps no such table, so the descriptors of processes are looked
 * through: first those of programs that opened connections lately, then all, in slices between which other work goes on.
 */
import { readdirSync, readlinkSync, statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { lookAtProcess, readStartTicks } from "./proc-process.ts";
import { type KnownProgram, type Program, unknown } from "./owner.ts";

/** Programs open connections in bursts: the last few of a user nearly always hold the next socket, too. */
const RECENT_PIDS = 16;
const RECENT_USERS = 64;
/** About half a millisecond of work on a laptop. */
const LOOKS_PER_SLICE = 250;
/** About a tenth of a second. A machine with more open files than this pays no more for one connection's name. */
const MOST_LOOKS = 50_000;
const CACHED = 4096;

/** A socket as a program holds it: `/proc/PID/fd/FD` is a link to its inode. */
interface Holding {
  readonly pid: number;
  readonly fd: string;
}

export interface SocketHolders {
  programOf(socket: { readonly uid: number; readonly inode: number }, signal?: AbortSignal): Promise<Program>;
}

export interface SocketHoldersOptions {
  /** After so many descriptors the search for one socket is given up. */
  readonly mostLooks?: number;
}

export function createSocketHolders({ mostLooks = MOST_LOOKS }: SocketHoldersOptions = {}): SocketHolders {
  const recent = createRecentHolders();
  const held = new Map<string, Holding>();

  const remember = (uid: number, inode: number, holding: Holding): void => {
    recent.touch(uid, holding);
    held.set(`${uid}:${inode}`, holding);
    if (held.size > CACHED) dropOldest(held);
  };

  const find = async (uid: number, inode: number, budget: Budget): Promise<Holding | undefined> => {
    const cached = held.get(`${uid}:${inode}`);
    if (cached !== undefined && isHolding(cached, inode)) return cached;
    return (await findAmong(recent.of(uid), inode, budget)) ?? findAmong(processesOf(uid), inode, budget);
  };

  return {
    async programOf({ uid, inode }, signal) {
      const budget: Budget = { looks: LOOKS_PER_SLICE, left: mostLooks, ...(signal === undefined ? {} : { signal }) };
      const holding = await find(uid, inode, budget);
      if (holding === undefined && budget.left <= 0) return unknown("too many files are open on this machine to find the program in time");
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
  if (look === undefined || !isHolding(holding, inode) || readStartTicks(holding.pid) !== look.startTicks) {
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
  /** In all slices together. */
  left: number;
  readonly signal?: AbortSignal;
}

async function findAmong(places: Iterable<Holding>, inode: number, budget: Budget): Promise<Holding | undefined> {
  const wanted = `socket:[${inode}]`;
  for (const { pid, fd: lastFd } of places) {
    for (const fd of descriptorsFrom(pid, lastFd)) {
      if (budget.left <= 0) return undefined;
      if (readLink(`/proc/${pid}/fd/${fd}`) === wanted) return { pid, fd };
      if (looked(budget)) await nextSlice(budget);
    }
    if (budget.left <= 0) return undefined;
    if (looked(budget)) await nextSlice(budget);
  }
  return undefined;
}

/** One look less; true: the slice is over. */
function looked(budget: Budget): boolean {
  budget.left -= 1;
  budget.looks -= 1;
  return budget.looks <= 0;
}

async function nextSlice(budget: Budget): Promise<void> {
  budget.signal?.throwIfAborted();
  await setImmediate();
  budget.signal?.throwIfAborted();
  budget.looks = LOOKS_PER_SLICE;
}

/** Processes of the socket's user first, because a program may have given up its rights; newest first, because they are likelier. */
function* processesOf(uid: number): Generator<Holding> {
  const others: Holding[] = [];
  const pids = listDirectory("/proc").filter((name) => /^\d+$/.test(name));
  for (const name of pids.toReversed()) {
    const place = { pid: Number(name), fd: "0" };
    if (ownerOf(place.pid) === uid) yield place;
    else others.push(place);
  }
  yield* others;
}

function isHolding({ pid, fd }: Holding, inode: number): boolean {
  return readLink(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
}

/** A program's next socket mostly follows its last one: the list begins there and goes round. */
function descriptorsFrom(pid: number, fd: string): readonly string[] {
  const descriptors = listDirectory(`/proc/${pid}/fd`);
  const start = descriptors.indexOf(fd);
  return start <= 0 ? descriptors : [...descriptors.slice(start), ...descriptors.slice(0, start)];
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

/** The last processes of each user that opened connections, and where in them, latest first. */
function createRecentHolders() {
  const byUser = new Map<number, readonly Holding[]>();
  return {
    of: (uid: number): readonly Holding[] => byUser.get(uid) ?? [],
    touch(uid: number, holding: Holding): void {
      const others = (byUser.get(uid) ?? []).filter(({ pid }) => pid !== holding.pid);
      byUser.set(uid, [holding, ...others].slice(0, RECENT_PIDS));
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
