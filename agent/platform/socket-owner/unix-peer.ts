import type { Socket } from "node:net";
import type { Libc } from "../libc.ts";
import { type Owner, unknown } from "./owner.ts";

/** unix(7): getsockopt(SOL_SOCKET, SO_PEERCRED) fills `struct ucred { pid, uid, gid }`, 32 bits each, as of the connect. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const UCRED_BYTES = 12;

/** macOS: getsockopt(SOL_LOCAL, LOCAL_PEERCRED) fills `struct xucred { version, uid, ngroups, … }`; version is 0. */
const SOL_LOCAL = 0;
const LOCAL_PEERCRED = 1;
const XUCRED_BYTES = 76;

/** Who connected to a Unix socket. The kernel keeps this from the moment of the connect, so it also holds for a program that has ended. */
export function readUnixPeer(socket: Socket | number, libc: Libc | undefined): Owner {
  const fd = descriptorOf(socket);
  if (fd === undefined) return unknown("the connection is closed");
  if (libc === undefined) return unknown("this runtime cannot ask who opened a Unix socket (node:ffi is missing)");
  if (process.platform === "linux") return readLinuxPeer(fd, libc);
  if (process.platform === "darwin") return readDarwinPeer(fd, libc);
  return unknown(`who opened a Unix socket cannot be asked on ${process.platform}`);
}

function readLinuxPeer(fd: number, libc: Libc): Owner {
  const credentials = Buffer.alloc(UCRED_BYTES);
  const length = lengthOf(UCRED_BYTES);
  const result = libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length);
  if (result !== 0 || length.readUInt32LE() !== UCRED_BYTES) return unknown("the system does not say who opened the Unix socket");
  const pid = credentials.readInt32LE(0);
  const uid = credentials.readUInt32LE(4);
  // A socket that never had a peer says uid 2^32-1; a peer in another PID namespace has pid 0.
  if (uid === 0xffffffff) return unknown("the Unix socket has no peer");
  return { kind: "known", uid, ...(pid > 0 ? { pid } : {}) };
}

function readDarwinPeer(fd: number, libc: Libc): Owner {
  const credentials = Buffer.alloc(XUCRED_BYTES);
  const length = lengthOf(XUCRED_BYTES);
  const result = libc.getsockopt(fd, SOL_LOCAL, LOCAL_PEERCRED, credentials, length);
  if (result !== 0 || length.readUInt32LE() < 8 || credentials.readUInt32LE(0) !== 0) {
    return unknown("the system does not say who opened the Unix socket");
  }
  return { kind: "known", uid: credentials.readUInt32LE(4) };
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes);
  return length;
}

/** Node has no public way to a socket's descriptor; its handle has carried one for as long as there are handles. */
function descriptorOf(socket: Socket | number): number | undefined {
  if (typeof socket === "number") return socket >= 0 ? socket : undefined;
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null) return undefined;
  const fd: unknown = Reflect.get(handle, "fd");
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}
