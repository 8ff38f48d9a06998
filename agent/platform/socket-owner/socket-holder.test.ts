import { once } from "node:events";
import { readlinkSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createSocketHolders } from "./socket-holder.ts";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

/** A connection of this process, as the kernel names its socket. */
async function ownSocket(): Promise<{ uid: number; inode: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  undo.push(() => void server.close());
  await once(server, "listening");
  const socket: Socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  undo.push(() => void socket.destroy());
  await once(socket, "connect");
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  const inode = Number(/\d+/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[0]);
  return { uid: process.getuid?.() ?? 0, inode };
}

test.runIf(process.platform === "linux")("a search has an end: what was not found until then is unknown, with the reason", async () => {
  const socket = await ownSocket();
  expect(await createSocketHolders({ mostLooks: 1 }).programOf(socket)).toEqual({
    kind: "unknown",
    why: "too many files are open on this machine to find the program in time",
  });
  expect(await createSocketHolders().programOf(socket)).toMatchObject({ kind: "known", pid: process.pid });
});
