import { Socket, type SocketConstructorOpts } from "node:net";
import type { Handle } from "./kernel.ts";

/**
 * A paused Node socket over a handle that reads into a buffer of ours already. The runtime cannot be told to allocate its own again, so
 * each read is copied into the stream; where `node:http` or `node:tls` take the handle over natively, not even that happens.
 */
export function socketOver(handle: Handle, buffer: Buffer): Socket {
  const socket: Socket = new Socket({
    handle,
    allowHalfOpen: true,
    manualStart: true,
    onread: { buffer, callback: (count: number, bytes: Uint8Array) => socket.push(Buffer.from(bytes.subarray(0, count))) },
  } as unknown as SocketConstructorOpts);
  return socket;
}
