import { expect, test } from "vitest";
import { createProcNet, findRow, formatRowKey } from "./proc-net.ts";
import { type SocketKey, socketKeyOf } from "./socket-key.ts";

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1001 1 0000000000000000 100 0 0 10 0
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 1002 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 1003 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:C351 0100007F:1F90 06 00000000:00000000 03:00000AFC 00000000     0        0 0 3 0000000000000000
`;

const keyOf = (local: string, remote: string): SocketKey => {
  const [localEnd, remoteEnd] = [local, remote].map((end) => ({
    address: end.slice(0, end.lastIndexOf(":")),
    port: Number(end.slice(end.lastIndexOf(":") + 1)),
  }));
  const key = localEnd && remoteEnd && socketKeyOf({ local: localEnd, remote: remoteEnd });
  if (key === undefined) throw new Error("not a connection");
  return key;
};

test("the client's row is found, not the listener's and not our own end's", () => {
  const key = keyOf("127.0.0.1:8080", "127.0.0.1:50000");
  expect(findRow(Buffer.from(TABLE), formatRowKey(key))).toEqual({ uid: 1000, inode: 1002 });
});

test("a closed socket is found with inode 0, so that it can be told from root's", () => {
  expect(findRow(Buffer.from(TABLE), formatRowKey(keyOf("127.0.0.1:8080", "127.0.0.1:50001")))).toEqual({ uid: 0, inode: 0 });
});

test("an IPv6 key is written in 32-bit words of the host's order", () => {
  expect(formatRowKey(keyOf("::1:8080", "::1:50000"))).toBe("00000000000000000000000001000000:C350 00000000000000000000000001000000:1F90");
});

test("an IPv4 connection of a socket for both families is found in the other table", async () => {
  const row = "   0: 0000000000000000FFFF00000100007F:C350 0000000000000000FFFF00000100007F:1F90 01 0:0 00:0 0  1000        0 77 1 0\n";
  const find = createProcNet(async (name) => Buffer.from(name === "tcp" ? "" : row));
  expect(await find(keyOf("127.0.0.1:8080", "127.0.0.1:50000"))).toEqual({ uid: 1000, inode: 77 });
});

test("look-ups that arrive during a reading share the next one, and none is answered from an older reading", async () => {
  const readings: ((table: string) => void)[] = [];
  const find = createProcNet(() => new Promise((resolve) => readings.push((table) => resolve(Buffer.from(table)))));
  const key = keyOf("127.0.0.1:8080", "127.0.0.1:50000");
  const first = find(key);
  await expect.poll(() => readings.length, { timeout: 10_000 }).toBe(1);
  const later = Array.from({ length: 100 }, () => find(key));
  readings[0]?.(TABLE.replace("1002", "4"));
  expect(await first).toEqual({ uid: 1000, inode: 4 });
  await expect.poll(() => readings.length, { timeout: 10_000 }).toBe(2);
  readings[1]?.(TABLE);
  expect(await Promise.all(later)).toEqual(Array.from({ length: 100 }, () => ({ uid: 1000, inode: 1002 })));
  expect(readings.length).toBe(2);
});

test("a reading that fails is told to those who asked, and the next one works", async () => {
  let failing = true;
  const find = createProcNet(async () => {
    if (failing) throw new Error("EIO");
    return Buffer.from(TABLE);
  });
  const key = keyOf("127.0.0.1:8080", "127.0.0.1:50000");
  await expect(find(key)).rejects.toThrow("EIO");
  failing = false;
  expect(await find(key)).toEqual({ uid: 1000, inode: 1002 });
});
