/**
 * Netlink `sock_diag`, the exact look-up (sock_diag(7)): one question, one answer, no walk through the table of sockets.
 *
 *  request: nlmsghdr 16 | inet_diag_req_v2 56           answer: nlmsghdr 16 | inet_diag_msg 72 | attributes
 *   0 u32 length   4 u16 type 20   6 u16 flags 1         16 u8 family  17 u8 state
 *   8 u32 sequence 12 u32 port id 0                      20 be16 source port  22 be16 destination port
 *  16 u8 family   17 u8 protocol 6                       24 source address 16  40 destination address 16
 *  18 u8 extensions 0   20 u32 states                    56 u32 interface  60 cookie 8
 *  24 be16 source port  26 be16 destination port         68 u32 expires  72 u32 receive queue  76 u32 send queue
 *  28 source address 16  44 destination address 16       80 u32 uid  84 u32 inode
 *  60 u32 interface 0   64 cookie 8, all ones: any
 *
 * Numbers of the host are little-endian on every machine that Node 26 is built for except s390x, where `openSockDiag` declines.
 */
import { endianness } from "node:os";
import type { Libc } from "../libc.ts";
import type { SocketKey } from "./socket-key.ts";

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0x80000;
const NETLINK_SOCK_DIAG = 4;
const MSG_DONTWAIT = 0x40;
const SOCK_DIAG_BY_FAMILY = 20;
const REQUEST_BYTES = 72;
const ANSWER_BYTES = 88;
const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;

/** What the kernel says of one socket. */
export interface SocketRow {
  readonly uid: number;
  readonly inode: number;
}

/** The kernel's answer: the socket, that there is none, or nothing that can be trusted. */
export type DiagAnswer = { readonly kind: "row"; readonly row: SocketRow } | { readonly kind: "none" } | { readonly kind: "trouble" };

export function writeDiagRequest(buffer: Buffer, key: SocketKey, sequence: number): void {
  buffer.fill(0, 0, REQUEST_BYTES);
  buffer.writeUInt32LE(REQUEST_BYTES, 0);
  buffer.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  buffer.writeUInt16LE(1, 6);
  buffer.writeUInt32LE(sequence, 8);
  buffer[16] = key.family === 4 ? AF_INET : AF_INET6;
  buffer[17] = IPPROTO_TCP;
  buffer.writeUInt32LE(0xffffffff, 20);
  buffer.writeUInt16BE(key.sourcePort, 24);
  buffer.writeUInt16BE(key.destinationPort, 26);
  buffer.set(key.source, 28);
  buffer.set(key.destination, 44);
  buffer.fill(0xff, 64, 72);
}

/**
 * Read one datagram of the kernel.
 *
 * SECURITY: a look-up that finds no connection falls back to a listener on the same port, so the answer's own addresses are
 * compared with the question's. A socket without inode has no process any more; the kernel then says uid 0, which must not pass for root.
 */
export function parseDiagAnswer(answer: Buffer, key: SocketKey, sequence: number): DiagAnswer {
  if (answer.length < 16 || answer.readUInt32LE(8) !== sequence) return { kind: "trouble" };
  if (answer.readUInt16LE(4) !== SOCK_DIAG_BY_FAMILY) return { kind: "none" };
  if (answer.length < ANSWER_BYTES || !isAboutKey(answer, key)) return { kind: "none" };
  return { kind: "row", row: { uid: answer.readUInt32LE(80), inode: answer.readUInt32LE(84) } };
}

/** A v6 socket that carries IPv4 answers to an IPv4 question with family 10 and the IPv4 part in mapped or bare form; ports decide with it. */
function isAboutKey(answer: Buffer, key: SocketKey): boolean {
  if (answer.readUInt16BE(20) !== key.sourcePort || answer.readUInt16BE(22) !== key.destinationPort) return false;
  return isAddressAt(answer, 24, key.source) && isAddressAt(answer, 40, key.destination);
}

function isAddressAt(answer: Buffer, offset: number, asked: Uint8Array): boolean {
  const start = answer[16] === AF_INET6 && asked.length === 4 ? offset + 12 : offset;
  for (let index = 0; index < asked.length; index += 1) if (answer[start + index] !== asked[index]) return false;
  return true;
}

/** An open netlink socket. `ask` is synchronous: the kernel has answered when the question is sent. */
export interface SockDiag {
  ask(key: SocketKey): DiagAnswer;
  close(): void;
}

export function openSockDiag(libc: Libc): SockDiag | undefined {
  if (process.platform !== "linux" || endianness() !== "LE") return undefined;
  const fd = libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
  if (!(fd >= 0)) return undefined;
  const request = Buffer.alloc(REQUEST_BYTES);
  const answer = Buffer.alloc(4096);
  let sequence = 0;
  let open = true;

  /** Answers to questions that were given up are read away; the kernel keeps order, so a few tries are plenty. */
  const receive = (key: SocketKey): DiagAnswer => {
    for (let tries = 0; tries < 8; tries++) {
      const length = Number(libc.recv(fd, answer, 4096n, MSG_DONTWAIT));
      if (!(length > 0)) return { kind: "trouble" };
      const parsed = parseDiagAnswer(answer.subarray(0, length), key, sequence);
      if (parsed.kind !== "trouble") return parsed;
    }
    return { kind: "trouble" };
  };

  return {
    ask(key) {
      if (!open) return { kind: "trouble" };
      sequence = (sequence + 1) >>> 0;
      writeDiagRequest(request, key, sequence);
      return libc.send(fd, request, BigInt(REQUEST_BYTES), MSG_DONTWAIT) === BigInt(REQUEST_BYTES) ? receive(key) : { kind: "trouble" };
    },
    close() {
      if (open) libc.close(fd);
      open = false;
    },
  };
}
