import type { Socket } from "node:net";

/** One end of a TCP connection: an address as Node prints it (`::ffff:127.0.0.1` is allowed) and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** An accepted connection as the accepting side sees it: `remote` is the program that is looked for. */
export interface ConnectionEnds {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/** Something that could not be found out. The reason is for people. Whoever decides by it must decide "no". */
export interface Unknown {
  readonly kind: "unknown";
  readonly why: string;
}

/** Who holds the other end. What the operating system gave besides the uid makes the program cheaper to find. */
export interface KnownOwner {
  readonly kind: "known";
  readonly uid: number;
  /** Inode of the client's socket: with the uid it names the connection on this machine. */
  readonly inode?: number;
  readonly pid?: number;
}
export type Owner = KnownOwner | Unknown;

/** The program behind a connection. A path is not an identity: an interpreter or LD_PRELOAD hides behind it. */
export interface KnownProgram {
  readonly kind: "known";
  readonly pid: number;
  /** Absolute path from the kernel, without its ` (deleted)` mark. */
  readonly exe: string;
  /** The file at `exe` is gone or was replaced since the program started. */
  readonly exeDeleted: boolean;
  /** When the process started, in the system's own ticks since boot: with `pid` it is unique. */
  readonly startTicks: number;
  /** systemd unit or application id. */
  readonly unit?: string;
}
export type Program = KnownProgram | Unknown;

/**
 * Finds out who is behind a local connection. Nothing here throws for want of an answer: what cannot be found out is `unknown`
 * with the reason, and the caller fails closed.
 */
export interface SocketOwners {
  /** The user behind a TCP connection from this machine, at once where the system can say so. Ask at accept: a client that has closed cannot be found any more. */
  socketOwner(ends: ConnectionEnds): Owner | Promise<Owner>;
  /** The user behind an accepted Unix socket, given by itself or by its descriptor, as it was when it connected. */
  peerOfUnixSocket(socket: Socket | number): Owner;
  /** The program behind an owner that was found before. Rejects only with the reason of an aborted `signal`. */
  programOf(owner: KnownOwner, signal?: AbortSignal): Promise<Program>;
  close(): void;
}

export function unknown(why: string): Unknown {
  return { kind: "unknown", why };
}
