import { openLibc } from "../libc.ts";
import { type KnownOwner, type Owner, type Program, type SocketOwners, unknown } from "./owner.ts";
import { lookAtProcess } from "./proc-process.ts";
import { createProcNet } from "./proc-net.ts";
import { openSockDiag, type SockDiag, type SocketRow } from "./sock-diag.ts";
import { createSocketHolders, knownProgram, type SocketHolders } from "./socket-holder.ts";
import { type SocketKey, socketKeyOf } from "./socket-key.ts";
import { readUnixPeer } from "./unix-peer.ts";

export interface LinuxOwnersOptions {
  /** `tables` leaves netlink out, for machines that forbid it and for tests of the second way. */
  readonly way?: "netlink" | "tables";
}

/** Linux: netlink for the user, `/proc` for the program. */
export function createLinuxOwners({ way = "netlink" }: LinuxOwnersOptions = {}): SocketOwners {
  const libc = openLibc();
  const diag: SockDiag | undefined = way === "netlink" && libc !== undefined ? openSockDiag(libc) : undefined;
  const findInTables = createProcNet();
  const holders = createSocketHolders();

  return {
    socketOwner(ends) {
      const key = socketKeyOf(ends);
      if (key === undefined) return unknown("the ends of the connection are not two addresses of one family");
      const answer = diag?.ask(key);
      if (answer?.kind === "row") return ownerOfRow(answer.row);
      if (answer?.kind === "none" && !isSurelyLocal(key)) return ownerOfRow(undefined);
      return findInTables(key).then(ownerOfRow, () => unknown("the system's table of connections cannot be read"));
    },
    peerOfUnixSocket: (socket) => readUnixPeer(socket, libc),
    programOf: (owner, signal) => programOf(owner, holders, signal),
    close: () => diag?.close(),
  };
}

/**
 * A socket that is bound to a device is not found by the exact look-up, so "none" is asked again in the tables, which is slow: not for
 * connections of other machines, who could keep the agent busy with it.
 */
function isSurelyLocal({ family, source, destination }: SocketKey): boolean {
  const isLoopback = family === 4 ? source[0] === 127 : source.every((byte, index) => byte === (index === 15 ? 1 : 0));
  return isLoopback || Buffer.compare(source, destination) === 0;
}

/** SECURITY: a socket whose program has closed it has inode 0, and the kernel then says uid 0: that is nobody, not root. */
function ownerOfRow(row: SocketRow | undefined): Owner {
  if (row === undefined) return unknown("the connection does not come from a program on this machine, or has ended");
  if (row.inode === 0) return unknown("the program has closed the connection");
  return { kind: "known", uid: row.uid, inode: row.inode };
}

async function programOf(owner: KnownOwner, holders: SocketHolders, signal?: AbortSignal): Promise<Program> {
  if (owner.inode !== undefined) return holders.programOf({ uid: owner.uid, inode: owner.inode }, signal);
  if (owner.pid === undefined) return unknown("the system does not say which process it is");
  const look = lookAtProcess(owner.pid);
  if (look === undefined) return unknown("the program has ended or may not be seen by this user");
  // SECURITY: a number that was given to another user's process meanwhile is noticed; another one of the same user is that user's affair.
  if (look.uid !== owner.uid) return unknown("the program has ended");
  return knownProgram(owner.pid, look);
}
