import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import http2, { type ServerHttp2Stream } from "node:http2";
import type net from "node:net";
import { Duplex } from "node:stream";
import { afterEach, expect, test, vi } from "vitest";
import { Leash } from "../base/index.ts";
import { StillClock, TellingLogger } from "../testing/index.ts";
import { acceptLoop } from "./accept-loop.ts";
import { DirectReading } from "./direct-reading.ts";
import { breakOff, Http2Leg } from "./http2-leg.ts";
import type { LegBase } from "./leg-base.ts";
import { exchange, until } from "./net-rig.suite.ts";
import { splice, type Spliced } from "./splice.ts";
import { StreamLeg } from "./stream-leg.ts";
import { Wheel } from "./wheel.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

const WINDOW = 1024 * 1024;
const nowhere = { remote: undefined, local: undefined };

/** Opens legs that are streams of one connection, each served by `serve`. */
async function connect(serve: (stream: ServerHttp2Stream) => void): Promise<() => Promise<Http2Leg>> {
  // What the server wants to send at once is no subject of these tests.
  const server = http2.createServer({ settings: { initialWindowSize: WINDOW }, maxSessionMemory: 1024 });
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => undefined);
    stream.respond({ ":status": 200 });
    serve(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as net.AddressInfo;
  const session = http2.connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: WINDOW } });
  await once(session, "connect");
  session.setLocalWindowSize(16 * WINDOW);
  undo.push(() => session.destroy());
  return async () => {
    const stream = session.request({ ":method": "CONNECT", ":authority": "target.test:443" });
    stream.on("error", () => undefined);
    await once(stream, "response");
    return new Http2Leg(stream, nowhere);
  };
}

const join = (client: LegBase, server: Http2Leg) =>
  splice(client, server, { idleMs: Infinity, lifetimeMs: Infinity, leash: new Leash(), wheel: new Wheel(new StillClock()) });

/** A plain port whose connections lead to streams of one connection. */
async function through(serve: (stream: ServerHttp2Stream) => void) {
  const open = await connect(serve);
  const ended: Promise<Spliced>[] = [];
  const acceptor = await acceptLoop({
    listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    maxConnections: 10,
    wheel: new Wheel(new StillClock()),
    logger: new TellingLogger(),
    onLeg: (leg) => void open().then((way) => ended.push(join(leg as LegBase, way).ended)),
  });
  undo.push(() => acceptor.close(0));
  return { port: acceptor.bound[0]?.port ?? 0, ended };
}

const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test.each([1, 4095, 4096, 16_384, 16_385, 100_000, 524_288, 524_289, 5_000_000])(
  "%i bytes come back from an echo behind HTTP/2 as they went, and the answer comes after our half-close",
  async (size) => {
    const { port, ended } = await through((stream) => void stream.pipe(stream));
    const bytes = randomBytes(size);
    expect(digest(await exchange(port, bytes))).toBe(digest(bytes));
    expect(await Promise.all(ended)).toEqual([{ why: "finished", up: size, down: size }]);
  },
);

test("ten tunnels on one connection, each with a reader that stops again and again, get every byte in order", async () => {
  const bytes = randomBytes(6_000_000);
  const { port, ended } = await through((stream) => {
    stream.resume();
    stream.on("end", () => stream.end(bytes));
  });
  const got = await Promise.all(Array.from({ length: 10 }, (_, at) => exchange(port, Buffer.from("go"), 300_000 + 70_000 * at)));
  expect(new Set(got.map(digest))).toEqual(new Set([digest(bytes)]));
  for (const one of await Promise.all(ended)) expect(one).toEqual({ why: "finished", up: 2, down: bytes.length });
});

test("bytes that came before the splice come first, those too that nobody had read", async () => {
  const [early, late] = [randomBytes(400_000), randomBytes(100_000)];
  const open = await connect((stream) => {
    stream.write(early);
    stream.once("data", () => stream.end(late));
  });
  const leg = await open();
  await leg.peek();
  await untilSteady(() => leg.bytesRead);
  expect(leg.bytesRead).toBeLessThan(early.length);
  const taken: Buffer[] = [];
  const asked = new Duplex({ read: () => undefined, write: (chunk: Buffer, _, done) => (taken.push(chunk), setImmediate(done)) });
  const spliced = join(new StreamLeg(asked), leg);
  asked.push("?");
  asked.push(null);
  expect(await spliced.ended).toMatchObject({ why: "finished", down: 500_000 });
  expect(digest(Buffer.concat(taken))).toBe(digest(Buffer.concat([early, late])));
});

test("a tunnel whose reader takes little at a time never holds more than its window and a buffer or two", async () => {
  const size = 24 * WINDOW;
  const open = await connect((stream) => stream.end(Buffer.alloc(size, 7)));
  let written = 0;
  let most = 0;
  // The reader takes each piece only when the connection has nothing more to give.
  const slow = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _, done) {
      void untilSteady(() => spliced.down).then(() => {
        most = Math.max(most, spliced.down - written);
        written += chunk.length;
        done();
      });
    },
  });
  const spliced = join(new StreamLeg(slow), await open());
  await until(() => written === size);
  expect(spliced.down).toBe(size);
  expect(most).toBeGreaterThan(WINDOW / 2);
  expect(most).toBeLessThan(3 * WINDOW);
  slow.destroy();
  await spliced.ended;
});

/** Ten turns of the event loop in which the figure did not change. */
async function untilSteady(figure: () => number): Promise<void> {
  for (let last = figure(), turns = 0; turns < 10; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (figure() !== last) [last, turns] = [figure(), 0];
  }
}

test("a stream that is broken off in the middle of bulk ends its tunnel, and no other of the connection", async () => {
  const bytes = randomBytes(4_000_000);
  let count = 0;
  const { port, ended } = await through((stream) => {
    count += 1;
    stream.resume();
    if (count > 1) return stream.end(bytes);
    stream.write(bytes);
    return setImmediate(() => breakOff(stream, http2.constants.NGHTTP2_CANCEL));
  });
  const broken = await exchange(port, Buffer.from("x")).catch(() => undefined);
  expect(broken).toBeUndefined();
  expect(digest(await exchange(port, Buffer.from("x")))).toBe(digest(bytes));
  expect((await Promise.all(ended)).map(({ why }) => why)).toEqual(["server_reset", "finished"]);
});

test("on the runtime that is shipped the bytes pass the stream by: the fallback is as right, and slower", async () => {
  const over = vi.spyOn(DirectReading, "over");
  undo.push(() => over.mockRestore());
  const { port } = await through((stream) => void stream.pipe(stream));
  const bytes = randomBytes(300_000);
  expect(digest(await exchange(port, bytes))).toBe(digest(bytes));
  expect(over.mock.results.map(({ value }) => value instanceof DirectReading)).toEqual([true]);
});
