import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { afterEach, expect, test, vi } from "vitest";
import { Leash } from "../base/index.ts";
import { createAuthority, StillClock, TellingLogger } from "../testing/index.ts";
import { type Acceptor, acceptLoop } from "./accept-loop.ts";
import { DirectReading } from "./direct-reading.ts";
import { exchange } from "./net-rig.suite.ts";
import { splice, type Spliced } from "./splice.ts";
import { StreamLeg } from "./stream-leg.ts";
import { Wheel } from "./wheel.ts";

const undo: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

/** A plain port that leads, by the one splice, through TLS to `serve`. */
async function through(serve: (socket: tls.TLSSocket) => void): Promise<{ readonly port: number; readonly spliced: Promise<Spliced> }> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-bulk-"));
  undo.push(() => fs.rmSync(dir, { recursive: true, force: true }));
  const { cert, key } = createAuthority(dir).issueSelfSigned("gw", ["DNS:gw.test"]);
  const server = tls.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key), allowHalfOpen: true }, serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as net.AddressInfo;
  const wheel = new Wheel(new StillClock());
  const spliced = Promise.withResolvers<Spliced>();
  const acceptor: Acceptor = await acceptLoop({
    listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    maxConnections: 10,
    wheel,
    logger: new TellingLogger(),
    onLeg: (leg) => {
      const raw = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true });
      const secured = tls.connect({ socket: raw, rejectUnauthorized: false });
      secured.once("secureConnect", () => {
        const way = splice(leg, new StreamLeg(secured), { idleMs: Infinity, lifetimeMs: Infinity, leash: new Leash(), wheel });
        void way.ended.then(spliced.resolve);
      });
    },
  });
  undo.push(() => acceptor.close(0));
  return { port: acceptor.bound[0]?.port ?? 0, spliced: spliced.promise };
}

const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

const sizes = [1, 100, 4095, 4096, 16_384, 16_385, 100_000, 262_144, 262_145, 5_000_000];

test.each(sizes)("%i bytes come back from an echo behind TLS as they went, and the answer comes after our half-close", async (size) => {
  const { port, spliced } = await through((socket) => void socket.pipe(socket));
  const bytes = randomBytes(size);
  const back = await exchange(port, bytes);
  expect(digest(back)).toBe(digest(bytes));
  expect(await spliced).toEqual({ why: "finished", up: size, down: size });
});

test("a reader that stops again and again gets every byte in order", async () => {
  const bytes = randomBytes(8_000_000);
  const { port, spliced } = await through((socket) => {
    socket.resume();
    socket.on("end", () => socket.end(bytes));
  });
  const got = await exchange(port, Buffer.from("go"), 700_000);
  expect(digest(got)).toBe(digest(bytes));
  expect(await spliced).toMatchObject({ why: "finished", down: bytes.length });
});

test("bytes that the server said with its handshake are not lost", async () => {
  const { port } = await through((socket) => {
    socket.write("first ");
    setImmediate(() => socket.end("second"));
    socket.resume();
  });
  expect((await exchange(port, Buffer.from("x"))).toString()).toBe("first second");
});

test("a server that breaks off breaks the client off, too", async () => {
  const { port, spliced } = await through((socket) => {
    socket.resume();
    socket.write("half of it");
    socket.once("data", () => socket.destroy());
  });
  const ended = await exchange(port, Buffer.from("x")).then(
    () => "ended",
    () => "reset",
  );
  expect(["ended", "reset"]).toContain(ended);
  expect((await spliced).why).not.toBe("cut");
});

test("on the runtime that is shipped the bytes pass the stream by: the fallback is as right, and slower", async () => {
  const over = vi.spyOn(DirectReading, "over");
  undo.push(() => over.mockRestore());
  const { port } = await through((socket) => void socket.pipe(socket));
  const bytes = randomBytes(300_000);
  expect(digest(await exchange(port, bytes))).toBe(digest(bytes));
  expect(over.mock.results.map(({ value }) => value instanceof DirectReading)).toEqual([true]);
});
