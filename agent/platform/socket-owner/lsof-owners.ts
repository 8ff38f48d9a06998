/**
 * macOS: `lsof` knows the connections of the agent's own user without any right. It takes tens of milliseconds, so answers come
 * later than on Linux; programs of other users are not found, which is the same as "no".
 *
 * `lsof -F` prints one field a line, its letter first: p process, u uid, f descriptor, n name (`127.0.0.1:50001->127.0.0.1:1080`).
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { openLibc } from "../libc.ts";
import { type ConnectionEnds, type Endpoint, type KnownOwner, type Owner, type Program, type SocketOwners, unknown } from "./owner.ts";
import { parseAddress } from "./socket-key.ts";
import { readUnixPeer } from "./unix-peer.ts";

const run = promisify(execFile);
const LSOF_TIMEOUT_MS = 3000;
const OUTPUT_BYTES = 4 * 1024 * 1024;

/** Runs `lsof` with these arguments and gives its output; the tests replace it. */
export type RunLsof = (args: readonly string[], signal?: AbortSignal) => Promise<string>;

export function createLsofOwners(runLsof: RunLsof = runSystemLsof): SocketOwners {
  const libc = openLibc();
  return {
    async socketOwner(ends) {
      if (parseAddress(ends.remote.address) === undefined) return unknown("the connection has no address");
      try {
        const output = await runLsof(["-nP", "-a", `-iTCP:${ends.remote.port}`, "-sTCP:ESTABLISHED", "-F", "pufn"]);
        return parseLsof(output, ends) ?? unknown("no program of this user holds the other end of the connection");
      } catch {
        return unknown("lsof cannot be run");
      }
    },
    peerOfUnixSocket: (socket) => readUnixPeer(socket, libc),
    programOf: (owner, signal) => readProgram(owner, runLsof, signal),
    close: () => undefined,
  };
}

/** The process whose own end is the client's end. */
export function parseLsof(output: string, ends: ConnectionEnds): Owner | undefined {
  let pid = 0;
  let uid: number | undefined;
  for (const line of output.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) [pid, uid] = [Number(value), undefined];
    else if (line.startsWith("u")) uid = Number(value);
    else if (line.startsWith("n") && uid !== undefined && isClientEnd(value, ends)) return { kind: "known", uid, pid };
  }
  return undefined;
}

function isClientEnd(name: string, ends: ConnectionEnds): boolean {
  const [own, other] = name.split("->");
  return own !== undefined && other !== undefined && isEndpoint(own, ends.remote) && isEndpoint(other, ends.local);
}

function isEndpoint(text: string, end: Endpoint): boolean {
  const [, address, port] = /^\[?(.+?)\]?:(\d+)$/.exec(text) ?? [];
  if (address === undefined || Number(port) !== end.port) return false;
  const left = parseAddress(address);
  const right = parseAddress(end.address);
  return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0;
}

/** The descriptor `txt` is the program's file. */
async function readProgram(owner: KnownOwner, runLsof: RunLsof, signal?: AbortSignal): Promise<Program> {
  const { pid } = owner;
  if (pid === undefined) return unknown("the system does not say which process it is");
  try {
    const output = await runLsof(["-nP", "-a", "-p", String(pid), "-d", "txt", "-F", "pufn"], signal);
    const exe = parseLsofExe(output, owner.uid);
    return exe === undefined ? unknown("the program has ended") : { kind: "known", pid, exe, exeDeleted: false, startTicks: 0 };
  } catch {
    signal?.throwIfAborted();
    return unknown("lsof cannot be run");
  }
}

/** The first mapped file is the program itself; a process of another user has taken the number over. */
export function parseLsofExe(output: string, uid: number): string | undefined {
  const lines = output.split("\n");
  if (!lines.includes(`u${uid}`)) return undefined;
  return lines.find((line) => line.startsWith("n/"))?.slice(1);
}

async function runSystemLsof(args: readonly string[], signal?: AbortSignal): Promise<string> {
  const options = { timeout: LSOF_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES, ...(signal === undefined ? {} : { signal }) };
  const { stdout } = await run("lsof", [...args], options);
  return stdout;
}
