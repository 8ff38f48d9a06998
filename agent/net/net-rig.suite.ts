import http2, { type ClientHttp2Session, type ServerHttp2Stream } from "node:http2";
import net, { type AddressInfo } from "node:net";
import { duplexPair } from "node:stream";
import { StillClock, TellingLogger } from "../testing/index.ts";
import { type AcceptLoopOptions, type Acceptor, acceptLoop } from "./accept-loop.ts";
import { connectTcp } from "./connect.ts";
import { Http2Leg } from "./http2-leg.ts";
import type { LegBase } from "./leg-base.ts";
import type { Leg } from "./leg.ts";
import { StreamLeg } from "./stream-leg.ts";
import { Wheel } from "./wheel.ts";

export interface Ends {
  readonly near: LegBase;
  readonly far: LegBase;
}

/** Each way in which a leg can be made, so that one battery of promises holds for all. */
export interface LegKind {
  readonly name: string;
  readonly isKernel: boolean;
  open(): Promise<Ends>;
  close(): Promise<void>;
}

/** Two legs joined by the kernel: bare handles where the runtime allows, streams otherwise. */
export function kernelLegs(): LegKind {
  const clock = new StillClock();
  /** Accepted legs by the port that they came from. */
  const arrived = new Map<number, LegBase>();
  let acceptor: Promise<Acceptor> | undefined;
  const opened: LegBase[] = [];
  return {
    name: "kernel sockets",
    isKernel: true,
    async open() {
      acceptor ??= openLoop({ onLeg: (leg) => arrived.set(leg.remote?.port ?? 0, leg as LegBase), wheel: new Wheel(clock) });
      const near = (await connectTo(await acceptor)) as LegBase;
      opened.push(near);
      const port = near.local?.port ?? -1;
      await until(() => arrived.has(port));
      const far = arrived.get(port) as LegBase;
      return { near, far };
    },
    async close() {
      for (const leg of opened) leg.destroy();
      await (await acceptor)?.close(0);
    },
  };
}

/** Two legs over plain Node streams joined in memory. */
export function streamLegs(): LegKind {
  const opened: LegBase[] = [];
  return {
    name: "streams",
    isKernel: false,
    open() {
      const [a, b] = duplexPair({ allowHalfOpen: true });
      const ends = { near: new StreamLeg(a), far: new StreamLeg(b) };
      opened.push(ends.near, ends.far);
      return Promise.resolve(ends);
    },
    close() {
      for (const leg of opened) leg.destroy();
      return Promise.resolve();
    },
  };
}

/** Both ends of streams of one HTTP/2 connection. */
export function http2Legs(): LegKind {
  const nowhere = { remote: undefined, local: undefined };
  const opened: LegBase[] = [];
  /** Streams at the server by their number, which both sides know. */
  const arrived = new Map<number | undefined, ServerHttp2Stream>();
  const server = http2.createServer();
  server.on("stream", (stream: ServerHttp2Stream) => {
    arrived.set(stream.id, stream);
    stream.respond({ ":status": 200 });
  });
  let connected: Promise<ClientHttp2Session> | undefined;
  const connect = async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  };
  return {
    name: "streams of HTTP/2",
    isKernel: true,
    async open() {
      connected ??= connect();
      const stream = (await connected).request({ ":method": "CONNECT", ":authority": "target.test:443" });
      const near = new Http2Leg(stream, nowhere);
      await until(() => arrived.has(stream.id));
      const far = new Http2Leg(arrived.get(stream.id) as ServerHttp2Stream, nowhere);
      opened.push(near, far);
      return { near, far };
    },
    async close() {
      for (const leg of opened) leg.destroy();
      if (connected === undefined) return;
      (await connected).destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function openLoop(options: Partial<AcceptLoopOptions> & Pick<AcceptLoopOptions, "onLeg">): Promise<Acceptor> {
  return acceptLoop({
    listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    maxConnections: 1000,
    wheel: new Wheel(new StillClock()),
    logger: new TellingLogger(),
    ...options,
  });
}

export function connectTo(acceptor: Acceptor): Promise<Leg> {
  const [at] = acceptor.bound;
  if (at === undefined) throw new Error("the acceptor has no TCP port");
  return new Promise((resolve, reject) => {
    connectTcp(at.address, at.port, (connected) => {
      if ("leg" in connected) resolve(connected.leg);
      else reject(new Error(connected.error));
    });
  });
}

/** Everything until the peer ends. */
export async function readAll(leg: Leg): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const part = await leg.readSome();
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
  }
}

/** Wait until something is so; the test's own deadline is the only one. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

/** Send, half-close, and take what comes; `pauseEvery` makes a reader that stops again and again. */
export function exchange(port: number, bytes: Buffer, pauseEvery = Infinity): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const chunks: Buffer[] = [];
    let since = 0;
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      since += chunk.length;
      if (since < pauseEvery) return;
      since = 0;
      socket.pause();
      setTimeout(() => socket.resume(), 2);
    });
    socket.on("end", () => {
      socket.destroy();
      resolve(Buffer.concat(chunks));
    });
    socket.on("error", reject);
    socket.end(bytes);
  });
}
