/**
 * The table of `/proc/net/tcp` and `/proc/net/tcp6`, for machines where netlink cannot be asked (no `node:ffi`, a seccomp filter).
 *
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 *    1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 51243 1 …
 *
 * Addresses are hexadecimal in 32-bit words of the host's order, ports in plain hexadecimal.
 */
import { readFile } from "node:fs/promises";
import { endianness } from "node:os";
import type { SocketRow } from "./sock-diag.ts";
import type { SocketKey } from "./socket-key.ts";

/** `0100007F:1F90 0100007F:C350`: the text that stands once in the table, in the client's own row. */
export function formatRowKey(key: SocketKey, mapped = false): string {
  return `${formatEnd(key.source, key.sourcePort, mapped)} ${formatEnd(key.destination, key.destinationPort, mapped)}`;
}

function formatEnd(address: Uint8Array, port: number, mapped: boolean): string {
  const bytes = mapped && address.length === 4 ? Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...address) : address;
  let hex = "";
  for (let word = 0; word < bytes.length; word += 4) {
    const four = Buffer.from(bytes.subarray(word, word + 4));
    hex += (endianness() === "LE" ? four.reverse() : four).toString("hex");
  }
  return `${hex}:${port.toString(16).padStart(4, "0")}`.toUpperCase();
}

/** The row of a connection in a table's bytes. Searching for the key is native and needs no line cut: 1 ms for 10,000 rows. */
export function findRow(table: Buffer, rowKey: string): SocketRow | undefined {
  const at = table.indexOf(` ${rowKey} `, 0, "latin1");
  if (at < 0) return undefined;
  const end = table.indexOf(0x0a, at);
  const fields = table
    .toString("latin1", at + 1, end < 0 ? table.length : end)
    .trim()
    .split(/ +/);
  const uid = parseDigits(fields[6]);
  const inode = parseDigits(fields[8]);
  return uid === undefined || inode === undefined ? undefined : { uid, inode };
}

function parseDigits(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The bytes of one table; a missing one (no IPv6) is empty. */
export type ReadTable = (name: "tcp" | "tcp6") => Promise<Buffer>;

/**
 * Looks connections up in the tables. The kernel gives them out a page at a time, which takes milliseconds and grows with all sockets
 * of the machine, so look-ups that arrive while one reading runs share the next: 2,000 at once cost two readings.
 */
export function createProcNet(readTable: ReadTable = readProcTable): (key: SocketKey) => Promise<SocketRow | undefined> {
  const readTcp = shareReadings(() => readTable("tcp"));
  const readTcp6 = shareReadings(() => readTable("tcp6"));
  return async (key) => {
    if (key.family === 6) return findRow(await readTcp6(), formatRowKey(key));
    return findRow(await readTcp(), formatRowKey(key)) ?? findRow(await readTcp6(), formatRowKey(key, true));
  };
}

/** INVARIANT: everybody gets a reading that began after it was asked for, else a fresh connection would be missing (proc-net.test.ts). */
function shareReadings(read: () => Promise<Buffer>): () => Promise<Buffer> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Buffer> | undefined;
  return () => {
    if (next === undefined) {
      next = running.then(() => {
        next = undefined;
        return read();
      });
      running = next.catch(ignoreFailedReading);
    }
    return next;
  };
}

/** Whoever asked hears of the failure; the next reading does not depend on it. */
function ignoreFailedReading(): void {}

async function readProcTable(name: "tcp" | "tcp6"): Promise<Buffer> {
  const reading = readFile(`/proc/net/${name}`);
  return name === "tcp" ? reading : reading.catch(() => Buffer.alloc(0));
}
