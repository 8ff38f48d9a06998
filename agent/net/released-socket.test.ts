import { createServer as createHttpServer, request } from "node:http";
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { LegBase } from "./leg-base.ts";
import { kernelLegs, readAll } from "./net-rig.suite.ts";

let kind = kernelLegs();
afterEach(async () => {
  await kind.close();
  kind = kernelLegs();
});

async function released(sentBefore: string): Promise<{ near: LegBase; far: LegBase; socket: Socket }> {
  const { near, far } = await kind.open();
  near.write(sentBefore);
  await far.peek();
  return { near, far, socket: far.release() as Socket };
}

test("a released socket begins with the bytes that nobody consumed, and goes on with the rest", async () => {
  const { near, far } = await kind.open();
  near.write("HEADtail");
  expect((await far.take(4)).toString()).toBe("HEAD");
  const socket = far.release();
  near.write(" and more");
  near.end();
  const parts: Buffer[] = [];
  // An async iterator would destroy the socket at the end of its input.
  socket.on("data", (part: Buffer) => parts.push(part));
  await once(socket, "end");
  expect(Buffer.concat(parts).toString()).toBe("tail and more");
  socket.end("bye");
  expect((await readAll(near)).toString()).toBe("bye");
});

test("an HTTP server takes a released socket, with its first request read already", async () => {
  const server = createHttpServer((asked, answer) => {
    asked.pipe(answer);
  });
  const { near, socket } = await released("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  server.emit("connection", socket);
  near.write("world");
  const head = await near.readUntil("\r\n\r\n", 4096);
  expect(head?.toString()).toContain("200 OK");
  // The answer is chunked: both halves of the body arrive in order.
  near.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const rest = (await readAll(near)).toString("latin1");
  expect(rest.replaceAll(/\r\n[0-9a-f]*\r\n|^\d+\r\n/g, "")).toContain("hello");
  expect(rest).toContain("world");
});

test("an HTTP client speaks over a released socket", async () => {
  const { near, far } = await kind.open();
  const asked = request({ createConnection: () => far.release(), path: "/x", headers: { host: "a" } });
  asked.end();
  expect((await near.readUntil("\r\n\r\n", 4096))?.toString()).toContain("GET /x");
  near.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  const [answer] = (await once(asked, "response")) as [AsyncIterable<Buffer>];
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part);
  expect(Buffer.concat(parts).toString()).toBe("ok");
});

test("destroying the leg destroys what it was released as", async () => {
  const { far, socket } = await released("x");
  socket.on("error", () => undefined);
  far.destroy();
  if (!socket.closed) await once(socket, "close");
  expect(socket.destroyed).toBe(true);
  expect(far.release()).toBe(socket);
});

test("a large transfer through a released socket arrives whole", async () => {
  const { near, socket } = await released("0");
  const total = 8 << 20;
  for (let sent = 0; sent < 8; sent += 1) near.write(Buffer.alloc(1 << 20, sent));
  near.end();
  let length = 0;
  for await (const part of socket) length += (part as Buffer).length;
  expect(length).toBe(total + 1);
});
