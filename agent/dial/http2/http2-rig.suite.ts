import http2, {
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from "node:http2";
import net from "node:net";
import { Leash } from "../../base/index.ts";
import type { Route } from "../../connection/index.ts";
import { type Leg, Wheel } from "../../net/index.ts";
import { StillClock } from "../../testing/index.ts";
import { createDirectDialler } from "../direct.ts";
import type { Dialled, Dialler } from "../dialler.ts";
import type { ReadAuthorization } from "../http-connect.ts";
import { SharedServer } from "../shared-server.ts";
import { createHttp2Start } from "./start-http2.ts";

export interface Proxy {
  readonly port: number;
  /** Connections that were ever opened, and what they carry now. */
  readonly sessions: ServerHttp2Session[];
  readonly server: Http2Server;
}

export type Serve = (stream: ServerHttp2Stream, head: IncomingHttpHeaders) => void;

export interface Http2Rig {
  readonly clock: StillClock;
  readonly wheel: Wheel;
  /** A proxy that answers each CONNECT as told, in clear. */
  proxy(serve: Serve, settings?: Settings): Promise<Proxy>;
  /** The way out through it. */
  wayOut(proxy: { readonly port: number }, more?: WayOutOptions): SharedServer;
  dial(dialler: Dialler, how?: { readonly connectMs?: number; readonly leash?: Leash; readonly host?: string }): Promise<Dialled>;
  close(): Promise<void>;
}

export interface WayOutOptions {
  readonly connections?: number;
  readonly idleMs?: number;
  readonly readAuthorization?: ReadAuthorization;
  readonly reach?: Dialler;
}

/** Carries bytes back as they came, and the end after them. */
export const echo: Serve = (stream) => {
  stream.respond({ ":status": 200 });
  stream.pipe(stream);
};

export function createHttp2Rig(): Http2Rig {
  const clock = new StillClock();
  const wheel = new Wheel(clock);
  const undo: (() => unknown)[] = [];
  const direct = createDirectDialler({
    clock,
    wheel,
    resolve: () => Promise.resolve({ kind: "resolved", addresses: ["127.0.0.1"] }),
    isOwnListener: () => false,
  });
  return {
    clock,
    wheel,
    proxy: async (serve, settings = {}) => {
      const sessions: ServerHttp2Session[] = [];
      const server = http2.createServer({ settings });
      server.on("session", (session) => {
        sessions.push(session);
        session.on("error", ignoreBroken);
      });
      server.on("stream", (stream: ServerHttp2Stream, head) => {
        stream.on("error", ignoreBroken);
        serve(stream, head);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      undo.push(async () => {
        for (const session of sessions) session.destroy();
        await new Promise((resolve) => server.close(resolve));
      });
      return { port: (server.address() as net.AddressInfo).port, sessions, server };
    },
    wayOut: ({ port }, { connections = 4, idleMs = 60_000, readAuthorization, reach = direct } = {}) => {
      const start = createHttp2Start({ wheel, ...(readAuthorization === undefined ? {} : { readAuthorization }) });
      const server = new SharedServer({ address: { host: "127.0.0.1", port }, reach, start, clock, wheel, connections, idleMs });
      undo.push(() => server.close());
      return server;
    },
    dial: (dialler, { connectMs = 10_000, leash = new Leash(), host = "target.test" } = {}) => {
      const route: Route = { backend: "gw", host, port: 443 };
      return dialler.dial(route, { connectMs, leash, admit: () => true });
    },
    close: async () => {
      for (const one of undo.splice(0).reverse()) await one();
    },
  };
}

/** The leg of a tunnel that must be open. */
export function legOf(dialled: Dialled): Leg {
  if (dialled.kind === "failed") throw new Error(`${dialled.code}: ${dialled.detail}`);
  return dialled.upstream.leg;
}

/** Wait until something is so; the test's own deadline is the only one. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A port on which raw bytes are said to whoever comes. */
export async function sayOnly(words: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = net.createServer((socket) => {
    socket.on("error", ignoreBroken);
    socket.on("data", () => socket.end(words));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as net.AddressInfo).port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Something between us and the server that can stop passing anything on, and then nobody is told. */
export async function relayTo(port: number): Promise<{ readonly port: number; freeze(): void; close(): Promise<void> }> {
  const sockets: net.Socket[] = [];
  let isFrozen = false;
  const server = net.createServer((socket) => {
    const onward = net.connect({ port, host: "127.0.0.1" });
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.push(from);
      from.on("error", ignoreBroken);
      from.on("data", (bytes) => void (isFrozen || to.write(bytes)));
      from.on("close", () => void (isFrozen || to.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    freeze: () => {
      isFrozen = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Breaking off is what some of these connections are for. */
function ignoreBroken(): void {}
