import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Clock } from "../base/index.ts";
import { createServiceNotifier, socketAddressOf } from "./service-notifier.ts";
import { takeInheritedSockets } from "./socket-activation.ts";

const collect = (env: Record<string, string>) => {
  const sent: string[] = [];
  const notifier = createServiceNotifier({ env, send: (_address, message) => sent.push(message) });
  return { notifier, sent };
};

test("systemd is told how the agent is, one line each", () => {
  const { notifier, sent } = collect({ NOTIFY_SOCKET: "/run/n" });
  notifier.ready("2 listeners\nREADY=0");
  notifier.status("draining");
  notifier.reloading();
  notifier.stopping();
  expect(sent).toEqual([
    `READY=1\nSTATUS=2 listeners READY=0\nMAINPID=${process.pid}`,
    "STATUS=draining",
    expect.stringMatching(/^RELOADING=1\nMONOTONIC_USEC=\d+$/),
    "STOPPING=1",
  ]);
});

test("outside systemd nothing is sent", () => {
  for (const env of [{}, { NOTIFY_SOCKET: "" }, { NOTIFY_SOCKET: "relative" }] as Record<string, string>[]) {
    const { notifier, sent } = collect(env);
    notifier.ready("x");
    notifier.stopping();
    expect(sent).toEqual([]);
  }
});

test("the watchdog is fed at half of its time while the agent lives, and no longer", () => {
  const timers: { readonly ms: number; readonly run: () => void }[] = [];
  const clock: Clock = { now: () => 0, monotonic: () => 0, after: (ms, run) => (timers.push({ ms, run }), () => timers.splice(0)) };
  const { notifier, sent } = collect({ NOTIFY_SOCKET: "/run/n", WATCHDOG_USEC: "10000000", WATCHDOG_PID: String(process.pid) });
  let alive = true;
  const stop = notifier.startWatchdog(clock, () => alive);
  expect(timers[0]?.ms).toBe(5000);
  timers.shift()?.run();
  expect(sent).toEqual(["WATCHDOG=1", "WATCHDOG=1"]);
  alive = false;
  timers.shift()?.run();
  expect(sent).toHaveLength(2);
  stop();
  expect(timers).toEqual([]);
});

test("a watchdog meant for another process is left alone", () => {
  const { notifier, sent } = collect({ NOTIFY_SOCKET: "/run/n", WATCHDOG_USEC: "1000", WATCHDOG_PID: "1" });
  notifier.startWatchdog({ now: () => 0, monotonic: () => 0, after: () => () => undefined }, () => true);
  expect(sent).toEqual([]);
});

test("a socket address is a path with an end, or an abstract name without", () => {
  expect(socketAddressOf("/a")).toEqual(Buffer.from([1, 0, 0x2f, 0x61, 0]));
  expect(socketAddressOf("@a")).toEqual(Buffer.from([1, 0, 0, 0x61]));
});

test("inherited sockets are taken once, by name, and leave the environment", () => {
  const env: NodeJS.ProcessEnv = { LISTEN_PID: String(process.pid), LISTEN_FDS: "3", LISTEN_FDNAMES: "a:b", KEPT: "1" };
  const marked: number[] = [];
  expect(takeInheritedSockets(env, (fd) => marked.push(fd))).toEqual([
    { fd: 3, name: "a" },
    { fd: 4, name: "b" },
    { fd: 5, name: "unknown" },
  ]);
  expect(marked).toEqual([3, 4, 5]);
  expect(env).toEqual({ KEPT: "1" });
  expect(takeInheritedSockets(env, (fd) => marked.push(fd))).toEqual([]);
});

test("sockets that are meant for another process, or counted oddly, are not touched", () => {
  for (const given of [{ LISTEN_PID: "1", LISTEN_FDS: "1" }, { LISTEN_FDS: "1" }, { LISTEN_PID: String(process.pid), LISTEN_FDS: "-1" }]) {
    const env: NodeJS.ProcessEnv = { ...given };
    expect(takeInheritedSockets(env, () => expect.unreachable())).toEqual([]);
    expect(env).toEqual({});
  }
});

/** systemd's end, in a language that has Unix datagrams. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace("@", "\\0", 1) if sys.argv[1][0] == "@" else sys.argv[1])
sys.stdout.write("bound;"); sys.stdout.flush()
sys.stdout.write(s.recv(4096).decode() + ";"); sys.stdout.flush()
`;
const hasPython = spawnSync("python3", ["-c", "import socket; socket.AF_UNIX"]).status === 0;

describe.runIf(process.platform === "linux" && hasPython)("a real datagram", () => {
  let receiver: ChildProcess | undefined;
  let directory = "";
  afterEach(async () => {
    receiver?.kill("SIGKILL");
    if (directory !== "") await rm(directory, { recursive: true });
  });

  test.each(["path", "abstract"])("arrives at a socket by %s", async (kind) => {
    directory = await mkdtemp(join(tmpdir(), "portail-notify-"));
    const address = kind === "path" ? join(directory, "notify") : `@${directory}`;
    receiver = spawn("python3", ["-c", RECEIVER, address], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    receiver.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      output += piece;
    });
    const says = async (text: string): Promise<void> => expect.poll(() => output, { timeout: 10_000 }).toBe(text);
    await says("bound;");
    createServiceNotifier({ env: { NOTIFY_SOCKET: address } }).status("ready é");
    await says("bound;STATUS=ready é;");
  });
});
