import { once } from "node:events";
import http2, { type ClientHttp2Session, type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import { afterEach, expect, test } from "vitest";
import type { Leash } from "../../base/index.ts";
import { breakOff } from "../../net/index.ts";
import { createCheckLogin } from "../login.ts";
import { converse, eventually, openRaw, type RawServer, serveRaw } from "../raw-client.suite.ts";
import { type House, type HouseOptions, openHouse } from "../stand-in-conductor.suite.ts";
import { connectBlock, END_HEADERS, END_STREAM, frame, frameType, preface, readFrames } from "./frames.suite.ts";
import { maxStreams } from "./session-bounds.ts";

let house: House;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
  await eventually(() => house.listener.connections === 0, "no client's connection left");
  await eventually(() => house.openUpstreams() === 0, "no server's connection left");
  await house.close();
});

const open = async (options: HouseOptions = {}) => {
  house = await openHouse(options);
};
const serve = async (onSocket: Parameters<typeof serveRaw>[0]): Promise<RawServer> => {
  const server = await serveRaw(onSocket);
  undo.push(() => server.close());
  return server;
};
const echo = () => serve((socket) => void socket.pipe(socket));
const join = (options: http2.ClientSessionOptions = {}): ClientHttp2Session => {
  const session = http2.connect(`http://127.0.0.1:${house.port}`, options);
  session.on("error", () => undefined);
  undo.push(() => session.destroy());
  return session;
};
const ask = (session: ClientHttp2Session, port: number, more: Record<string, string> = {}) => {
  const stream = session.request({ ":method": "CONNECT", ":authority": `origin.test:${port}`, ...more });
  stream.on("error", () => undefined);
  return stream;
};
const answerOf = async (stream: ClientHttp2Stream) => {
  const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders & { ":status"?: number }];
  return headers;
};
const tunnel = async (session: ClientHttp2Session, port: number) => {
  const stream = ask(session, port);
  expect((await answerOf(stream))[":status"]).toBe(200);
  return stream;
};
const echoes = async (stream: ClientHttp2Stream, text: string) => {
  stream.write(text);
  let heard = "";
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    heard += chunk.toString();
    if (heard.length >= text.length) break;
  }
  expect(heard).toBe(text);
};
const whole = async (stream: ClientHttp2Stream) => {
  let heard = "";
  // As `converse` reads it.
  stream.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
  await new Promise((resolve) => stream.once("close", resolve));
  return heard;
};

test("each stream of a connection is a request of its own", async () => {
  await open();
  const server = await echo();
  const session = join();
  const streams = await Promise.all([1, 2, 3].map(() => tunnel(session, server.port)));
  expect(new Set(house.requests.map(({ id, protocol, method }) => `${id} ${protocol} ${method}`))).toEqual(
    new Set(["id-1 h2 CONNECT", "id-2 h2 CONNECT", "id-3 h2 CONNECT"]),
  );
  for (const stream of streams) {
    await echoes(stream, "ping");
    stream.end();
    await whole(stream);
  }
  await eventually(() => house.ends.length === 3);
  expect(house.ends).toEqual(Array.from({ length: 3 }, () => ({ kind: "served", up: 4, down: 4 })));
});

test("a refusal says the same as over HTTP/1.1, and the connection goes on", async () => {
  const denied = { code: "POLICY_DENIED", detail: "no", say: "Ask your lead." } as const;
  await open({ refuse: ({ port }) => (port === 9 ? denied : undefined) });
  const server = await echo();
  const session = join();
  for (const accept of ["*/*", "text/html"]) {
    const stream = ask(session, 9, { accept });
    const { ":status": status, ...headers } = await answerOf(stream);
    const body = await whole(stream);
    const h1 = await converse(house.port, `CONNECT origin.test:9 HTTP/1.1\r\nAccept: ${accept}\r\n\r\n`);
    const [top = "", ...rest] = h1.split("\r\n\r\n");
    expect(status).toBe(Number(top.slice(9, 12)));
    expect(body).toBe(rest.join("\r\n\r\n"));
    for (const line of top.split("\r\n").slice(1)) {
      const [name = "", value] = line.split(": ");
      if (name !== "Connection") expect(headers[name.toLowerCase()]).toBe(value);
    }
  }
  await echoes(await tunnel(session, server.port), "still here");
});

test("who must log in is asked, and let in with the right words", async () => {
  await open({ checkLogin: createCheckLogin("ada", "secret") });
  const server = await echo();
  const session = join();
  const stranger = await answerOf(ask(session, server.port));
  expect([stranger[":status"], stranger["proxy-authenticate"]]).toEqual([407, 'Basic realm="Portail", charset="UTF-8"']);
  const basic = (text: string) => ({ "proxy-authorization": `Basic ${Buffer.from(text).toString("base64")}` });
  expect((await answerOf(ask(session, server.port, basic("ada:wrong"))))[":status"]).toBe(407);
  expect((await answerOf(ask(session, server.port, basic("ada:secret"))))[":status"]).toBe(200);
  expect(house.turnedAway.map(({ code, protocol }) => [code, protocol])).toEqual([
    ["HTTP_AUTH", "h2"],
    ["HTTP_AUTH", "h2"],
  ]);
});

test.each(["origin.test", "origin.test:0", "user@origin.test:80", "origin.test:80/x", "a b:80"])(
  "CONNECT to %j is malformed",
  async (authority) => {
    await open();
    const session = join();
    const stream = session.request({ ":method": "CONNECT", ":authority": authority });
    const refused = once(stream, "response").then(([headers]) => (headers as IncomingHttpHeaders)[":status" as never]);
    const reset = new Promise((resolve) => stream.once("error", () => resolve("reset")));
    expect([400, "reset"]).toContain(await Promise.race([refused, reset]));
    expect(house.dialled()).toBe(0);
  },
);

test("each direction ends by itself", async () => {
  await open();
  const late = await serve((socket) => {
    socket.resume();
    socket.on("end", () => setImmediate(() => socket.end("late answer")));
  });
  const early = await serve((socket) => void socket.end("early answer"));
  const session = join();
  const asking = await tunnel(session, late.port);
  asking.end("question");
  expect([await whole(asking), asking.rstCode, late.seen()]).toEqual(["late answer", 0, "question"]);
  const telling = await tunnel(session, early.port);
  telling.resume();
  await once(telling, "end");
  telling.end("afterwards");
  await eventually(() => early.seen() === "afterwards");
});

test("a server that breaks off is told as CONNECT_ERROR, and a client's reset reaches the server", async () => {
  await open();
  const server = await echo();
  const session = join();
  const broken = await tunnel(session, server.port);
  for (const socket of server.sockets) socket.resetAndDestroy();
  await whole(broken);
  expect(broken.rstCode).toBe(constants.NGHTTP2_CONNECT_ERROR);
  const dropped = await tunnel(session, server.port);
  let isReset = false;
  for (const socket of server.sockets) socket.once("error", () => (isReset = true));
  dropped.write("half of");
  await eventually(() => server.seen().endsWith("half of"));
  breakOff(dropped, constants.NGHTTP2_CANCEL);
  await eventually(() => isReset, "the server sees a reset");
  expect(house.carried.map(({ why }) => why)).toEqual(["server_reset", "client_reset"]);
});

test("closing one tunnel closes its stream only", async () => {
  const leashes: Leash[] = [];
  await open({ onLeash: (leash) => leashes.push(leash) });
  const server = await echo();
  const session = join();
  const [cut, stays] = [await tunnel(session, server.port), await tunnel(session, server.port)];
  leashes[0]?.pull("CARRY_CLOSED_BY_PERSON");
  await whole(cut);
  expect(cut.rstCode).toBe(constants.NGHTTP2_CANCEL);
  await echoes(stays, "unharmed");
});

test("neither a server nor a client that stalls holds up another tunnel, and what is held for them is bounded", async () => {
  await open();
  const deaf = await serve((socket) => void socket.pause());
  const server = await echo();
  const flood = await serve((socket) => {
    const more = () => {
      while (socket.write(Buffer.alloc(65_536)));
    };
    socket.on("drain", more);
    more();
  });
  const session = join({ maxSessionMemory: 1000 });
  const stalled = await tunnel(session, deaf.port);
  for (let sent = 0; sent < 64; sent++) stalled.write(Buffer.alloc(1 << 20));
  const unread = await tunnel(session, flood.port);
  unread.pause();
  for (let round = 0; round < 20; round++) await echoes(await tunnel(session, server.port), "x".repeat(50_000));
  // Beyond the stream's window and what the kernel holds, nothing was taken.
  expect(stalled.writableLength).toBeGreaterThan(40 << 20);
});

test("no more streams than announced are served at a time", async () => {
  await open();
  const server = await echo();
  const session = join();
  await once(session, "remoteSettings");
  expect(session.remoteSettings.maxConcurrentStreams).toBe(maxStreams);
  await Promise.all(Array.from({ length: maxStreams }, () => tunnel(session, server.port)));
  const raw = await openRaw(house.port);
  undo.push(() => raw.socket.destroy());
  raw.send(Buffer.concat([preface, frame(frameType.settings, 0, 0)]));
  for (let at = 0; at <= maxStreams; at++)
    raw.send(frame(frameType.headers, END_HEADERS, 2 * at + 1, connectBlock(`origin.test:${server.port}`)));
  const resets = () => readFrames(raw.received()).frames.filter(({ type }) => type === frameType.rstStream);
  await eventually(() => resets().length > 0);
  expect(resets().map(({ stream, payload }) => [stream, payload.readUInt32BE(0)])).toEqual([
    [2 * maxStreams + 1, constants.NGHTTP2_REFUSED_STREAM],
  ]);
});

test("streams count as connections", async () => {
  await open({ maxConnections: 4 });
  const server = await echo();
  const session = join();
  const streams = [];
  for (let at = 0; at < 3; at++) streams.push(await tunnel(session, server.port));
  expect(house.listener.connections).toBe(4);
  const refused = ask(session, server.port);
  expect((await answerOf(refused))[":status"]).toBe(503);
  expect(await whole(refused)).toContain("ACCEPT_OVERLOADED");
  expect(await converse(house.port, `CONNECT origin.test:${server.port} HTTP/1.1\r\n\r\n`)).toContain("ACCEPT_OVERLOADED");
  streams[0]?.close();
  await eventually(() => house.listener.connections === 3);
  await echoes(await tunnel(session, server.port), "room again");
});

test("a drain says which streams were served last, lets those finish, and then closes", async () => {
  await open();
  const server = await echo();
  const raw = await openRaw(house.port);
  undo.push(() => raw.socket.destroy());
  const of = (wanted: number) => readFrames(raw.received()).frames.filter(({ type }) => type === wanted);
  const connect = frame(frameType.headers, END_HEADERS, 1, connectBlock(`origin.test:${server.port}`));
  raw.send(Buffer.concat([preface, frame(frameType.settings, 0, 0), connect]));
  await raw.until(() => of(frameType.headers).length === 1);
  const [polite, idle] = [join(), join()];
  await tunnel(polite, server.port);
  await once(idle, "remoteSettings");
  house.listener.drain();
  await raw.until(() => of(frameType.goaway).length === 1);
  expect(of(frameType.goaway)[0]?.payload).toEqual(Buffer.of(0, 0, 0, 1, 0, 0, 0, 0));
  await eventually(() => idle.destroyed && polite.closed, "clients know that nothing new is served");
  raw.send(frame(frameType.data, 0, 1, Buffer.from("still open")));
  await raw.until(() => of(frameType.data).some(({ payload }) => payload.toString() === "still open"));
  raw.send(frame(frameType.data, END_STREAM, 1));
  expect(await raw.closed).toBe("ended");
  const late = ask(join(), server.port);
  expect((await answerOf(late))[":status"]).toBe(503);
  expect(await whole(late)).toContain("AGENT_DRAINING");
});

const floods: readonly (readonly [string, (at: number) => Buffer])[] = [
  [
    "streams that are opened and reset",
    (at) =>
      Buffer.concat([
        frame(frameType.headers, END_HEADERS, 2 * at + 1, connectBlock("origin.test:9")),
        frame(frameType.rstStream, 0, 2 * at + 1, Buffer.of(0, 0, 0, 8)),
      ]),
  ],
  ["settings whose answers are not read", () => frame(frameType.settings, 0, 0)],
  ["pings whose answers are not read", () => frame(frameType.ping, 0, 0, Buffer.alloc(8))],
];

test.each(floods)("a flood of %s ends its connection, and no other", async (_, piece) => {
  await open();
  const server = await echo();
  const other = await tunnel(join(), server.port);
  const raw = await openRaw(house.port);
  undo.push(() => raw.socket.destroy());
  raw.socket.pause();
  raw.send(Buffer.concat([preface, frame(frameType.settings, 0, 0)]));
  let isGone = false;
  void raw.closed.then(() => (isGone = true));
  for (let at = 0; at < 400_000 && !isGone && house.turnedAway.length === 0; at += 1000) {
    const isTaken = raw.socket.write(Buffer.concat(Array.from({ length: 1000 }, (__, piecewise) => piece(at + piecewise))));
    if (!isTaken) await eventually(() => !raw.socket.writableNeedDrain || isGone || house.turnedAway.length > 0);
  }
  await eventually(() => house.turnedAway.some(({ code }) => code === "HTTP_BAD_REQUEST"), "the flood is noticed");
  await echoes(other, "unharmed");
});
