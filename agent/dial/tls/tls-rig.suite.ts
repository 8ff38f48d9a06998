import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { AgentError } from "../../base/index.ts";
import { type Authority, createAuthority, type Issued } from "../../testing/index.ts";
import { createTlsConnector, type TlsServer } from "./connect-tls.ts";
import { Tickets } from "./tickets.ts";

/** Servers that are right, wrong and strange in every way, and one client. */
export interface TlsRig {
  readonly dir: string;
  readonly authority: Authority;
  /** Whatever it serves, it says `hello` to who gets in. */
  serve(options: tls.TlsOptions): Promise<number>;
  /** A server of one's own, closed with the rig; answers its port. */
  listen(server: net.Server): Promise<number>;
  /** New ticket keys on the same port. */
  restart(port: number, options: tls.TlsOptions): Promise<void>;
  /** In clear. */
  serveClear(answer: (socket: net.Socket) => void): Promise<number>;
  openssl(args: readonly string[]): Promise<number>;
  /** The first word that the server says, or the code and the detail of the refusal. */
  visit(port: number, options?: VisitOptions): Promise<Visited>;
  close(): Promise<void>;
}

export interface VisitOptions extends Partial<Omit<TlsServer, "host" | "port">> {
  readonly tickets?: Tickets;
  readonly now?: () => number;
}

export interface Visited {
  readonly heard?: string;
  readonly resumed?: boolean;
  readonly code?: string;
  readonly detail?: string;
}

export const pem = (file: string): string => fs.readFileSync(file, "utf8");
export const shown = ({ cert, key }: Issued) => ({ cert: pem(cert), key: pem(key) });

export function createTlsRig(): TlsRig {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-tls-"));
  const authority = createAuthority(dir);
  const undo: (() => Promise<void>)[] = [];
  const closeAt = new Map<number, () => Promise<void>>();
  const listen = async (server: net.Server, wanted = 0): Promise<number> => {
    const sockets = new Set<net.Socket>();
    server.on("connection", (socket: net.Socket) => {
      sockets.add(socket);
      socket.on("error", ignoreRefusal);
      socket.once("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(wanted, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    const close = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    };
    undo.push(close);
    closeAt.set(port, close);
    return port;
  };
  const serve = (options: tls.TlsOptions, port?: number): Promise<number> =>
    listen(
      tls.createServer(options, (socket) => {
        socket.on("error", ignoreRefusal);
        socket.write("hello");
      }),
      port,
    );
  return {
    dir,
    authority,
    serve: (options) => serve(options),
    listen: (server) => listen(server),
    restart: async (port, options) => {
      await closeAt.get(port)?.();
      await serve(options, port);
    },
    serveClear: (answer) => listen(net.createServer(answer)),
    openssl: async (args) => {
      const child = spawn("openssl", ["s_server", "-accept", "127.0.0.1:0", "-naccept", "1", ...args], { stdio: ["pipe", "pipe", "pipe"] });
      undo.push(() => ended(child));
      return acceptPort(child);
    },
    visit: (port, options) => visit(port, authority, options),
    close: async () => {
      for (const one of undo) await one();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function visit(port: number, authority: Authority, { tickets, now = Date.now, ...more }: VisitOptions = {}): Promise<Visited> {
  const clock = { now };
  const server: TlsServer = { host: "127.0.0.1", port, serverName: "gw.test", ca: [pem(authority.cert)], pins: [], uris: [], ...more };
  const secure = createTlsConnector(server, { clock, tickets: tickets ?? new Tickets({ clock }) });
  const socket = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  try {
    const { stream } = await secure(socket);
    const resumed = (stream as tls.TLSSocket).isSessionReused();
    const heard = await new Promise<string>((resolve, reject) => {
      stream.once("data", (chunk: Buffer) => resolve(chunk.toString()));
      stream.once("error", reject);
      stream.once("end", () => resolve(""));
    });
    stream.destroy();
    return { heard, resumed };
  } catch (cause) {
    socket.destroy();
    if (cause instanceof AgentError) return { code: cause.code, detail: cause.detail };
    throw cause;
  }
}

function acceptPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const port = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("close", () => reject(new Error(`openssl ended: ${said}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.kill("SIGKILL");
  await over;
}

/** Refusals are what these servers are for. */
function ignoreRefusal(): void {}
