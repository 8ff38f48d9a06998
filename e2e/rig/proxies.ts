import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import type { Lab } from "./lab.ts";

/** A proxy that somebody else wrote, running for one test. */
export interface ForeignProxy {
  readonly port: number;
  close(): Promise<void>;
}

export async function startMicrosocks(login?: { readonly user: string; readonly password: string }): Promise<ForeignProxy> {
  const port = await freePort();
  const args = ["-i", "127.0.0.1", "-p", String(port), ...(login === undefined ? [] : ["-u", login.user, "-P", login.password])];
  return running(spawn("microsocks", args, { stdio: "ignore" }), port);
}

export async function startTinyproxy(dir: string, lines: readonly string[] = []): Promise<ForeignProxy> {
  const port = await freePort();
  const file = path.join(dir, `tinyproxy-${port}.conf`);
  fs.writeFileSync(file, [`Port ${port}`, "Listen 127.0.0.1", "Allow 127.0.0.1", "DisableViaHeader Yes", ...lines, ""].join("\n"));
  return running(spawn("tinyproxy", ["-d", "-c", file], { stdio: "ignore" }), port);
}

/** SOCKS5 with rules, which microsocks has not. */
export async function startDante(dir: string, rules: readonly string[]): Promise<ForeignProxy> {
  const port = await freePort();
  const file = path.join(dir, `dante-${port}.conf`);
  const head = [
    `internal: 127.0.0.1 port = ${port}`,
    "external: lo",
    "clientmethod: none",
    "socksmethod: none",
    "client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }",
  ];
  fs.writeFileSync(file, [...head, ...rules, ""].join("\n"));
  return running(spawn("danted", ["-f", file, "-p", path.join(dir, `dante-${port}.pid`)], { stdio: "ignore" }), port);
}

/** TLS in front of a plain server, with stunnel. */
export async function startStunnel(dir: string, connect: number, lines: readonly string[]): Promise<ForeignProxy> {
  const port = await freePort();
  const file = path.join(dir, `stunnel-${port}.conf`);
  const head = [
    "foreground = yes",
    "pid =",
    "syslog = no",
    "debug = 4",
    "[front]",
    `accept = 127.0.0.1:${port}`,
    `connect = 127.0.0.1:${connect}`,
  ];
  fs.writeFileSync(file, [...head, ...lines, ""].join("\n"));
  return running(spawn("stunnel", [file], { stdio: "ignore" }), port);
}

/** SOCKS5 inside TLS, with microsocks behind stunnel: the port where agents connect. It ends with the test. */
export async function startTlsSocks(
  { dir, after }: Pick<Lab, "dir" | "after">,
  { cert, key, lines = [] }: { readonly cert: string; readonly key: string; readonly lines?: readonly string[] },
): Promise<number> {
  const socks = await startMicrosocks();
  after(socks.close);
  const front = await startStunnel(dir, socks.port, [`cert = ${cert}`, `key = ${key}`, ...lines]);
  after(front.close);
  return front.port;
}

/** TLS in front of a plain server, with haproxy. */
export async function startHaproxy(dir: string, connect: number, bind: string): Promise<ForeignProxy> {
  const port = await freePort();
  const file = path.join(dir, `haproxy-${port}.cfg`);
  const lines = ["global", "defaults", " mode tcp", " timeout connect 5s", " timeout client 30s", " timeout server 30s"];
  fs.writeFileSync(
    file,
    [...lines, "listen front", ` bind 127.0.0.1:${port} ssl ${bind}`, ` server s 127.0.0.1:${connect}`, ""].join("\n"),
  );
  return running(spawn("haproxy", ["-f", file, "-db"], { stdio: "ignore" }), port);
}

/** The gateway of the nghttp2 project: CONNECT over HTTP/2 in front, and behind it a proxy that speaks HTTP/1.1. */
export async function startNghttpx(behind: number | string, { tls, lines = [], port: wanted }: NghttpxOptions): Promise<ForeignProxy> {
  const port = wanted ?? (await freePort());
  const front = `-f127.0.0.1,${port}${tls === undefined ? ";no-tls" : ""}`;
  const words = [
    "--conf=/dev/null",
    "--http2-proxy",
    front,
    `-b127.0.0.1,${behind}`,
    "--workers=1",
    "--backend-connections-per-host=1000",
    "--errorlog-file=/dev/null",
    ...lines,
  ];
  const trust = tls === undefined ? [] : ["--verify-client", `--verify-client-cacert=${tls.clientCa}`, tls.key, tls.cert];
  return running(spawn("nghttpx", [...words, ...trust], { stdio: "ignore" }), port);
}

export interface NghttpxOptions {
  /** Absent: in clear. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa: string };
  readonly lines?: readonly string[];
  /** To come back where one was before. */
  readonly port?: number;
}

/** Passes bytes on, and counts who came. `at`: to come back where one was before. */
export async function startCounter(onward: number, at = 0): Promise<ForeignProxy & { readonly seen: number }> {
  let seen = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    seen += 1;
    const far = net.connect({ port: onward, host: "127.0.0.1", allowHalfOpen: true });
    for (const one of [socket, far]) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on("error", () => undefined);
      one.on("close", () => {
        sockets.delete(one);
        socket.destroy();
        far.destroy();
      });
    }
    socket.pipe(far);
    far.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    get seen() {
      return seen;
    },
    close: async () => {
      for (const one of sockets) one.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function running(child: ChildProcess, port: number): Promise<ForeignProxy> {
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const close = async () => {
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), 3000);
    await ended;
    clearTimeout(force);
  };
  await eventually(() => connects(port)).catch(async (cause: unknown) => {
    await close();
    throw cause;
  });
  return { port, close };
}

function connects(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", reject);
  });
}
