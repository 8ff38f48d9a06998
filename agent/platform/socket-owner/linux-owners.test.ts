import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLinuxOwners } from "./linux-owners.ts";
import type { ConnectionEnds, SocketOwners } from "./owner.ts";

const ownUid = process.getuid?.() ?? -1;
const isRoot = ownUid === 0;

describe.runIf(process.platform === "linux")("the owner of a connection on Linux", () => {
  let clean: (() => unknown)[] = [];
  beforeEach(() => {
    clean = [];
  });
  afterEach(async () => {
    for (const undo of clean.toReversed()) await undo();
  });

  const open = (way: "netlink" | "tables"): SocketOwners => {
    const owners = createLinuxOwners({ way });
    clean.push(() => owners.close());
    return owners;
  };

  const listen = async (host: string): Promise<{ readonly server: Server; readonly port: number }> => {
    const server = createServer({ pauseOnConnect: true }).listen(0, host);
    await once(server, "listening");
    clean.push(async () => closeServer(server));
    return { server, port: (server.address() as AddressInfo).port };
  };

  const accepted = async (server: Server): Promise<Socket> => {
    const [socket] = (await once(server, "connection")) as [Socket];
    clean.push(() => socket.destroy());
    return socket;
  };

  const connectTo = async (host: string, target = host): Promise<{ readonly client: Socket; readonly socket: Socket }> => {
    const { server, port } = await listen(host);
    const client = connect({ host: target, port });
    clean.push(() => client.destroy());
    return { client, socket: await accepted(server) };
  };

  describe.each(["netlink", "tables"] as const)("by %s", (way) => {
    test.each([
      ["IPv4", "127.0.0.1", "127.0.0.1"],
      ["IPv6", "::1", "::1"],
      ["IPv4 to a listener for both families", "::", "127.0.0.1"],
      ["a socket that speaks IPv4 in IPv6 dress", "127.0.0.1", "::ffff:127.0.0.1"],
    ])("is found on %s", async (_title, host, target) => {
      const { socket } = await connectTo(host, target);
      expect(await open(way).socketOwner(endsOf(socket))).toMatchObject({ kind: "known", uid: ownUid });
    });

    test("is another user when another user's program opened it", async ({ skip }) => {
      if (!isRoot) skip("needs root to start a program as another user");
      for (const host of ["127.0.0.1", "::1"]) {
        const { server, port } = await listen(host);
        clean.push(startAs(12_345, ["nc", host, String(port)]));
        expect(await open(way).socketOwner(endsOf(await accepted(server)))).toMatchObject({ kind: "known", uid: 12_345 });
      }
    });

    test("is unknown, and not root, when the program has closed the connection", async () => {
      const { client, socket } = await connectTo("127.0.0.1");
      const ends = endsOf(socket);
      client.destroy();
      socket.resume();
      await once(socket, "end");
      expect(await open(way).socketOwner(ends)).toMatchObject({ kind: "unknown" });
    });

    test("is unknown when there is no such connection, even where a listener has the client's port", async () => {
      const { port } = await listen("127.0.0.1");
      const ends = { local: { address: "127.0.0.1", port: 9 }, remote: { address: "127.0.0.1", port } };
      expect(await open(way).socketOwner(ends)).toMatchObject({ kind: "unknown" });
    });

    test("is unknown for ends that are no addresses", async () => {
      const ends = { local: { address: "", port: 1 }, remote: { address: "x", port: 70_000 } };
      expect(await open(way).socketOwner(ends)).toMatchObject({ kind: "unknown" });
    });

    test("is the same program by its path, pid and start, asked once or many times", async () => {
      const { socket } = await connectTo("127.0.0.1");
      const owners = open(way);
      const owner = await owners.socketOwner(endsOf(socket));
      if (owner.kind !== "known") throw new Error(owner.why);
      const programs = await Promise.all([owners.programOf(owner), owners.programOf(owner)]);
      expect(programs[0]).toMatchObject({ kind: "known", pid: process.pid, exe: process.execPath, exeDeleted: false });
      expect(await owners.programOf(owner)).toEqual(programs[1]);
    });
  });

  test("a program whose file was replaced is named without the kernel's mark", async () => {
    const directory = await mkdtemp(join(tmpdir(), "portail-exe-"));
    clean.push(() => rm(directory, { recursive: true }));
    const copy = join(directory, "client");
    await copyFile("/bin/sleep", copy);
    const child = spawn(copy, ["60"]);
    clean.push(() => stop(child));
    await once(child, "spawn");
    await rm(copy);
    const program = await open("netlink").programOf({ kind: "known", uid: ownUid, pid: child.pid ?? 0 });
    expect(program).toMatchObject({ kind: "known", exe: copy, exeDeleted: true });
  });

  test("a number that belongs to another user's process now is not the program", async () => {
    const program = await open("netlink").programOf({ kind: "known", uid: 54_321, pid: process.pid });
    expect(program).toMatchObject({ kind: "unknown" });
  });

  test("a socket that nobody holds has no program", async () => {
    expect(await open("netlink").programOf({ kind: "known", uid: ownUid, inode: 1 })).toMatchObject({ kind: "unknown" });
  });

  test("the peer of a Unix socket is known at once, with its program", async () => {
    const directory = await mkdtemp(join(tmpdir(), "portail-peer-"));
    clean.push(() => rm(directory, { recursive: true }));
    const server = createServer().listen(join(directory, "s"));
    await once(server, "listening");
    clean.push(async () => closeServer(server));
    const client = connect(join(directory, "s"));
    clean.push(() => client.destroy());
    const socket = await accepted(server);
    const owners = open("netlink");
    const peer = owners.peerOfUnixSocket(socket);
    expect(peer).toEqual({ kind: "known", uid: ownUid, pid: process.pid });
    if (peer.kind === "known") expect(await owners.programOf(peer)).toMatchObject({ kind: "known", exe: process.execPath });
    socket.destroy();
    expect(owners.peerOfUnixSocket(socket)).toMatchObject({ kind: "unknown" });
  });

  test("2,000 open connections are told apart, and finding one adds less than 15 ms", async () => {
    const { server, port } = await listen("127.0.0.1");
    const sockets: Socket[] = [];
    server.on("connection", (socket: Socket) => {
      sockets.push(socket);
      clean.push(() => socket.destroy());
    });
    for (let index = 0; index < 2000; index++) {
      const client = connect({ host: "127.0.0.1", port });
      clean.push(() => client.destroy());
      await once(client, "connect");
    }
    await expect.poll(() => sockets.length, { timeout: 20_000 }).toBe(2000);
    for (const way of ["netlink", "tables"] as const) {
      const owners = open(way);
      const answers = await Promise.all(sockets.map(async (socket) => owners.socketOwner(endsOf(socket))));
      expect(new Set(answers.map((owner) => (owner.kind === "known" ? owner.inode : "none"))).size).toBe(2000);
    }
    const owners = open("netlink");
    expect(await medianMs(sockets.slice(0, 51), async (socket) => owners.socketOwner(endsOf(socket)))).toBeLessThan(15);
    const known = (await Promise.all(sockets.slice(0, 51).map(async (socket) => owners.socketOwner(endsOf(socket))))).filter(
      (owner) => owner.kind === "known",
    );
    expect(await medianMs(known, async (owner) => owners.programOf(owner))).toBeLessThan(15);
  }, 60_000);
});

/** One after the other: what a connection waits, not what many cost together. */
async function medianMs<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (const item of items) {
    const started = performance.now();
    await run(item);
    times.push(performance.now() - started);
  }
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)] ?? Number.POSITIVE_INFINITY;
}

function endsOf(socket: Socket): ConnectionEnds {
  const { localAddress = "", localPort = 0, remoteAddress = "", remotePort = 0 } = socket;
  return { local: { address: localAddress, port: localPort }, remote: { address: remoteAddress, port: remotePort } };
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

function startAs(uid: number, command: readonly string[]): () => Promise<void> {
  const child = spawn("setpriv", ["--reuid", String(uid), "--clear-groups", ...command], { stdio: ["pipe", "ignore", "ignore"] });
  return () => stop(child);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
