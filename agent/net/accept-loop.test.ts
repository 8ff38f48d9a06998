import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, lstat, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StillClock, TellingLogger } from "../testing/index.ts";
import type { Acceptor } from "./accept-loop.ts";
import type { Leg } from "./leg.ts";
import { connectTo, openLoop, readAll, until } from "./net-rig.suite.ts";
import { Wheel } from "./wheel.ts";

let dir: string;
const opened: Acceptor[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "accept-"));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const acceptor of opened.splice(0)) await acceptor.close(0);
  await rm(dir, { recursive: true });
});

async function open(options: Parameters<typeof openLoop>[0]): Promise<Acceptor> {
  const acceptor = await openLoop(options);
  opened.push(acceptor);
  return acceptor;
}

function connectUnix(path: string): Socket {
  const socket = new Socket().connect({ path });
  sockets.push(socket);
  return socket;
}

const greet = (leg: Leg): void => {
  leg.write("hello");
  leg.end();
};

test("port 0 becomes a real port, and all addresses are told as people read them", async () => {
  const acceptor = await open({
    onLeg: greet,
    listen: [
      { kind: "tcp", host: "127.0.0.1", port: 0 },
      { kind: "unix", path: join(dir, "s") },
    ],
  });
  expect(acceptor.addresses[0]).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
  expect(acceptor.addresses[1]).toBe(`unix:${join(dir, "s")}`);
  expect((await readAll(await connectTo(acceptor))).toString()).toBe("hello");
});

test("a leg knows both its ends", async () => {
  const legs: Leg[] = [];
  const acceptor = await open({ onLeg: (leg) => legs.push(leg) });
  const near = await connectTo(acceptor);
  await until(() => legs.length === 1);
  expect(legs[0]?.local).toEqual(acceptor.bound[0]);
  expect(legs[0]?.remote).toEqual(near.local);
  expect(legs[0]?.fd).toBeGreaterThan(0);
});

test("a Unix socket is private to its owner from the first moment", async () => {
  const path = join(dir, "private");
  const before = process.umask();
  await open({ onLeg: greet, listen: [{ kind: "unix", path }] });
  expect((await lstat(path)).mode & 0o777).toBe(0o600);
  expect(process.umask()).toBe(before);
  const [greeting] = (await once(connectUnix(path), "data")) as [Buffer];
  expect(greeting.toString()).toBe("hello");
});

test("a socket that a dead process left behind is replaced, a living one is not", async () => {
  const path = join(dir, "stale");
  // A process that dies without cleaning up leaves the file behind.
  const child = spawn(process.execPath, [
    "-e",
    `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`,
  ]);
  await once(child, "exit");
  expect((await lstat(path)).isSocket()).toBe(true);
  const first = await open({ onLeg: greet, listen: [{ kind: "unix", path }] });
  await expect(openLoop({ onLeg: greet, listen: [{ kind: "unix", path }] })).rejects.toMatchObject({ code: "AGENT_LISTEN" });
  expect(first.addresses.length).toBe(1);
  expect((await lstat(path)).isSocket()).toBe(true);
});

test("a file that is no socket is never removed", async () => {
  const path = join(dir, "precious");
  await writeFile(path, "data");
  await chmod(path, 0o600);
  await expect(openLoop({ onLeg: greet, listen: [{ kind: "unix", path }] })).rejects.toMatchObject({ code: "AGENT_LISTEN" });
  expect((await lstat(path)).isFile()).toBe(true);
});

test("an inherited descriptor is served", async () => {
  const owner: Server = createServer();
  owner.listen(0, "127.0.0.1");
  await once(owner, "listening");
  const { fd } = (owner as unknown as { _handle: { fd: number } })._handle;
  const { port } = owner.address() as { port: number };
  const child = await runChild(`{ kind: "fd", fd: 3, name: "systemd:main" }`, { descriptor: fd });
  owner.close();
  try {
    expect(await child.told()).toBe(`127.0.0.1:${port}`);
    const client = new Socket().connect(port, "127.0.0.1");
    sockets.push(client);
    const [greeting] = (await once(client, "data")) as [Buffer];
    expect(greeting.toString()).toBe("hello");
  } finally {
    child.kill();
  }
});

test("a port that is taken fails the whole listener, names the place, and leaves nothing open", async () => {
  const taken = await open({ onLeg: greet });
  const port = taken.bound[0]?.port ?? 0;
  const path = join(dir, "half");
  const listen = [
    { kind: "unix", path },
    { kind: "tcp", host: "127.0.0.1", port },
  ] as const;
  await expect(openLoop({ onLeg: greet, listen })).rejects.toThrow(`127.0.0.1:${port} is taken by another process`);
  await expect(lstat(path)).rejects.toThrow("ENOENT");
});

test("beyond the cap a client hears why, and beyond that it is closed", async () => {
  const acceptor = await open({
    onLeg: (leg) =>
      void leg.readSome().then(
        () => leg.destroy(),
        () => leg.destroy(),
      ),
    maxConnections: 3,
    onOverload: (leg) => {
      leg.write("full");
      leg.finish();
    },
  });
  const clients = [await connectTo(acceptor), await connectTo(acceptor), await connectTo(acceptor)];
  await until(() => acceptor.connections === 3);
  const turnedAway = await connectTo(acceptor);
  expect((await readAll(turnedAway)).toString()).toBe("full");
  turnedAway.destroy();
  clients[0]?.destroy();
  await until(() => acceptor.connections < 3);
  const again = await connectTo(acceptor);
  await until(() => acceptor.connections === 3);
  again.destroy();
  for (const client of clients) client.destroy();
});

test("a client that is told to finish and does not is closed after a few seconds", async () => {
  const clock = new StillClock();
  const acceptor = await open({ onLeg: (leg) => leg.finish(), wheel: new Wheel(clock) });
  const client = await connectTo(acceptor);
  expect(await client.readSome()).toEqual(Buffer.alloc(0));
  expect(acceptor.connections).toBe(1);
  clock.pass(10_000);
  await until(() => acceptor.connections === 0);
  client.destroy();
});

test("a listener that throws loses that one connection and no other", async () => {
  const logger = new TellingLogger();
  let calls = 0;
  const acceptor = await open({
    logger,
    onLeg: (leg) => {
      calls += 1;
      if (calls === 1) throw new Error("bug");
      greet(leg);
    },
  });
  await expect(readAll(await connectTo(acceptor)).catch(() => Buffer.alloc(0))).resolves.toEqual(Buffer.alloc(0));
  expect((await readAll(await connectTo(acceptor))).toString()).toBe("hello");
  expect(logger.lines).toContain("accept.failed");
});

test("a drain lets running connections finish in their time, and cuts the rest", async () => {
  const clock = new StillClock();
  const legs: Leg[] = [];
  const acceptor = await open({ onLeg: (leg) => legs.push(leg), wheel: new Wheel(clock) });
  const [quick, slow] = [await connectTo(acceptor), await connectTo(acceptor)];
  await until(() => legs.length === 2);
  const closed = acceptor.close(30_000);
  await acceptor.stop();
  await expect(connectTo(acceptor)).rejects.toThrow("ECONNREFUSED");
  for (const leg of legs) leg.write("still served");
  expect((await quick.take(12)).toString()).toBe("still served");
  quick.destroy();
  legs[0]?.destroy();
  expect(acceptor.connections).toBe(1);
  clock.pass(32_000);
  await closed;
  expect(acceptor.connections).toBe(0);
  await slow.take(12);
  slow.destroy();
});

test("a process out of descriptors neither spins nor dies, and serves again when it can", async () => {
  const child = await runChild(`{ kind: "tcp", host: "127.0.0.1", port: 0 }`, { openFiles: 48 });
  try {
    const port = Number((await child.told()).split(":")[1]);
    const flood = Array.from({ length: 80 }, () => {
      const socket = new Socket().on("error", () => undefined);
      sockets.push(socket);
      return socket.connect(port, "127.0.0.1");
    });
    await Promise.all(flood.map((socket) => once(socket, "connect")));
    child.ask("processor time");
    expect(Number(await child.told())).toBeLessThan(300);
    for (const socket of flood) socket.destroy();
    child.ask("empty");
    expect(await child.told()).toBe("empty");
    const late = new Socket().connect(port, "127.0.0.1");
    sockets.push(late);
    const [greeting] = (await once(late, "data")) as [Buffer];
    expect(greeting.toString()).toBe("hello");
  } finally {
    child.kill();
  }
});

interface Child {
  told(): Promise<string>;
  ask(question: string): void;
  kill(): void;
}

/** A process of its own that greets whoever connects, and answers two questions about itself. */
async function runChild(at: string, limits: { readonly openFiles?: number; readonly descriptor?: number }): Promise<Child> {
  const script = join(dir, "greeter.mts");
  await writeFile(script, greeter(at));
  const limit = limits.openFiles === undefined ? "" : `ulimit -n ${limits.openFiles}; `;
  // `exec` keeps the limit and gives the process its pid.
  const child = spawn("bash", ["-c", `${limit}exec ${process.execPath} --disable-warning=ExperimentalWarning ${script}`], {
    stdio: ["pipe", "pipe", "inherit", limits.descriptor ?? "ignore"],
  });
  const lines = createInterface(child.stdout as Readable)[Symbol.asyncIterator]();
  return {
    told: async () => String((await lines.next()).value),
    ask: (question) => child.stdin?.write(`${question}\n`),
    kill: () => child.kill("SIGKILL"),
  };
}

function greeter(at: string): string {
  return `
import { acceptLoop, Wheel } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
const after = (ms, run) => { const timer = setTimeout(run, ms); timer.unref(); return () => clearTimeout(timer); };
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const acceptor = await acceptLoop({
  listen: [${at}], maxConnections: 1000, wheel: new Wheel({ now: Date.now, monotonic: () => performance.now(), after }), logger: quiet,
  onLeg: (leg) => { leg.write("hello"); leg.readSome().catch(() => undefined).then(() => leg.destroy()); },
});
console.log(acceptor.addresses[0]);
const look = () => (acceptor.connections === 0 ? console.log("empty") : setTimeout(look, 10));
const measure = () => {
  const before = process.cpuUsage();
  setTimeout(() => { const used = process.cpuUsage(before); console.log((used.user + used.system) / 1000); }, 1000);
};
process.stdin.on("data", (question) => (String(question).startsWith("empty") ? look() : setTimeout(measure, 300)));
`;
}
