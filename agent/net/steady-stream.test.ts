import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import http2 from "node:http2";
import type net from "node:net";
import os from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { afterEach, expect, test } from "vitest";
import { createAuthority } from "../testing/index.ts";
import { StreamLeg } from "./stream-leg.ts";

const undo: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

/** Both ends of one stream of an HTTP/2 connection. */
async function tunnel(): Promise<{ readonly near: http2.ClientHttp2Stream; readonly far: http2.ServerHttp2Stream }> {
  const server = http2.createServer();
  const arrived = Promise.withResolvers<http2.ServerHttp2Stream>();
  server.on("stream", (stream: http2.ServerHttp2Stream) => {
    stream.on("error", ignoreReset);
    stream.respond({ ":status": 200 });
    arrived.resolve(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const session = http2.connect(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`);
  undo.push(async () => {
    session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const near = session.request({ ":method": "CONNECT", ":authority": "target.test:443" });
  near.on("error", ignoreReset);
  await once(near, "response");
  return { near, far: await arrived.promise };
}

function certificate(): { readonly cert: Buffer; readonly key: Buffer } {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-steady-"));
  undo.push(() => fs.rmSync(dir, { recursive: true, force: true }));
  const { cert, key } = createAuthority(dir).issueSelfSigned("gw", ["DNS:gw.test"]);
  return { cert: fs.readFileSync(cert), key: fs.readFileSync(key) };
}

/** TLS inside the stream: `near` is what our side has, `far` what the server's side has. */
async function inside(): Promise<{
  readonly near: StreamLeg;
  readonly secured: tls.TLSSocket;
  readonly far: tls.TLSSocket;
  readonly below: Duplex;
}> {
  const { near, far } = await tunnel();
  const { cert, key } = certificate();
  const served = new tls.TLSSocket(new StreamLeg(far).release(), { isServer: true, secureContext: tls.createSecureContext({ cert, key }) });
  served.on("error", ignoreReset);
  const secured = tls.connect({ socket: new StreamLeg(near).release(), rejectUnauthorized: false });
  await once(secured, "secureConnect");
  undo.push(() => {
    secured.destroy();
    served.destroy();
  });
  return { near: new StreamLeg(secured), secured, far: served, below: near };
}

const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test.each([1, 16_384, 1_000_000, 9_000_000])(
  "%i bytes inside TLS inside a stream are read to the last, though the stream ended long ago",
  async (size) => {
    const { near, far, below } = await inside();
    const bytes = randomBytes(size);
    far.resume();
    far.end(bytes);
    near.end();
    // Nobody reads yet, and everything below is over as soon as the windows allow.
    if (size <= 16_384) await once(below, "end");
    const parts: Buffer[] = [];
    for (;;) {
      const part = await near.readSome();
      if (part.length === 0) break;
      parts.push(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(digest(Buffer.concat(parts))).toBe(digest(bytes));
  },
);

test("each direction ends by itself", async () => {
  const { near, far } = await inside();
  near.write("asked");
  near.end();
  const asked: Buffer[] = [];
  far.on("data", (part: Buffer) => asked.push(part));
  await once(far, "end");
  expect(Buffer.concat(asked).toString()).toBe("asked");
  far.write("answered ");
  far.end("late");
  expect((await near.take(13)).toString()).toBe("answered late");
  expect(await near.readSome()).toHaveLength(0);
});

test("a stream that is reset breaks off what stands on it", async () => {
  const { near, far } = await tunnel();
  const leg = new StreamLeg(near);
  const released = leg.release();
  const broken = once(released, "error");
  far.destroy(new Error("the target broke off"));
  released.resume();
  await broken;
  expect(released.destroyed).toBe(true);
});

test("what was read before the release comes first", async () => {
  const { near, far } = await tunnel();
  far.write("HEADtail");
  const leg = new StreamLeg(near);
  expect((await leg.take(4)).toString()).toBe("HEAD");
  const released = leg.release();
  far.end(" and more");
  const parts: Buffer[] = [];
  released.on("data", (part: Buffer) => parts.push(part));
  await once(released, "end");
  expect(Buffer.concat(parts).toString()).toBe("tail and more");
  expect(released.destroyed).toBe(false);
  leg.destroy();
  expect(near.destroyed).toBe(true);
});

test("a stream that had ended before the release still gives what is unread, and its end", async () => {
  const { near, far } = await tunnel();
  far.end("all of it");
  const leg = new StreamLeg(near);
  await leg.peek();
  await once(near, "end");
  const released = leg.release();
  const parts: Buffer[] = [];
  released.on("data", (part: Buffer) => parts.push(part));
  await once(released, "end");
  expect(Buffer.concat(parts).toString()).toBe("all of it");
  released.destroy();
});

/** Resets are what some of these streams are for. */
function ignoreReset(): void {}
