import type { Socket } from "node:net";

/** Who is at the other end of a Unix socket, by the kernel's word (SO_PEERCRED, LOCAL_PEERCRED). */
export interface PeerProof {
  readonly uid: number;
  readonly pid: number | undefined;
}

/**
 * Ask the kernel who is at the other end. `undefined`: this system or this socket cannot say; such a caller needs the secret.
 * On a connected client socket it names the process that listens.
 */
export type PeerOf = (socket: Socket) => PeerProof | undefined;
