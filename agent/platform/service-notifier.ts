import type { Clock } from "../base/index.ts";
import { type Libc, openLibc } from "./libc.ts";

/** Tells systemd how the agent is (sd_notify(3)). Outside systemd every verb does nothing. */
export interface ServiceNotifier {
  ready(status: string): void;
  status(text: string): void;
  reloading(): void;
  stopping(): void;
  /** Says "alive" at half of the time that systemd allows, for as long as `isAlive` holds. Returns how to stop it. */
  startWatchdog(clock: Clock, isAlive: () => boolean): () => void;
}

export interface NotifierOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Delivers one datagram to the socket at `address`; the tests collect them. */
  readonly send?: (address: string, message: string) => void;
}

/** `NOTIFY_SOCKET` leaves the environment at once: children have nothing to say to systemd. */
export function createServiceNotifier({ env = process.env, send = sendDatagram }: NotifierOptions = {}): ServiceNotifier {
  const address = env["NOTIFY_SOCKET"];
  const watchdogMs = watchdogTimeoutMs(env);
  if (env === process.env) delete process.env["NOTIFY_SOCKET"];
  const notify = (...lines: readonly string[]): void => {
    if (address !== undefined && /^[/@]./.test(address)) send(address, lines.join("\n"));
  };
  return {
    ready: (status) => notify("READY=1", statusLine(status), `MAINPID=${process.pid}`),
    status: (text) => notify(statusLine(text)),
    reloading: () => notify("RELOADING=1", `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => notify("STOPPING=1"),
    startWatchdog(clock, isAlive) {
      if (watchdogMs === undefined || address === undefined) return () => undefined;
      let cancel = () => {};
      const tick = (): void => {
        if (isAlive()) notify("WATCHDOG=1");
        cancel = clock.after(watchdogMs / 2, tick);
      };
      tick();
      return () => cancel();
    },
  };
}

/** One line, whatever is in the text: a line break would begin another message. */
function statusLine(text: string): string {
  return `STATUS=${text.replaceAll(/\s+/g, " ")}`;
}

function watchdogTimeoutMs(env: NonNullable<NotifierOptions["env"]>): number | undefined {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = env;
  if (usec === undefined || !/^[1-9]\d*$/.test(usec) || (pid !== undefined && pid !== String(process.pid))) return undefined;
  return Number(usec) / 1000;
}

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
const MSG_NOSIGNAL_DONTWAIT = 0x4000 | 0x40;

/** Node has no Unix datagrams. systemd reads the sender's credentials from the kernel, so a bare sendto(2) is the whole protocol. */
function sendDatagram(address: string, message: string, libc: Libc | undefined = openLibc()): void {
  if (libc === undefined || process.platform !== "linux") return;
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (!(fd >= 0)) return;
  const bytes = Buffer.from(message);
  const to = socketAddressOf(address);
  libc.sendto(fd, bytes, BigInt(bytes.length), MSG_NOSIGNAL_DONTWAIT, to, to.length);
  libc.close(fd);
}

/** sockaddr_un: family, then the path with a zero behind it, or a zero and an abstract name (written with `@`). */
export function socketAddressOf(address: string): Buffer {
  const path = address.startsWith("@") ? `\0${address.slice(1)}` : `${address}\0`;
  const bytes = Buffer.alloc(2 + Buffer.byteLength(path));
  bytes.writeUInt16LE(AF_UNIX, 0);
  bytes.write(path, 2);
  return bytes;
}
