import { createConnection, createServer, type Socket } from "node:net";
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { giveBackPacket, giveBackPiece } from "./buffers.ts";
import { Floor } from "./floor.ts";
import { StreamLeg } from "./stream-leg.ts";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

/** A floor on a real connection, and the socket at its far end. */
async function connected(): Promise<{ readonly floor: Floor; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const near = createConnection({ port, host: "127.0.0.1", allowHalfOpen: true });
  await new Promise((resolve) => near.once("connect", resolve));
  const far = await accepted;
  const floor = new Floor(new StreamLeg(near));
  floor.on("error", () => undefined);
  undo.push(() => {
    floor.destroy();
    far.destroy();
    server.close();
  });
  return { floor, far };
}

function collect(stream: Socket | Floor, size: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let length = 0;
    stream.on("data", (chunk: Buffer) => {
      parts.push(Buffer.from(chunk));
      length += chunk.length;
      if (length >= size) resolve(Buffer.concat(parts));
    });
  });
}

describe("a floor", () => {
  it("carries every byte both ways, in order, whatever the pieces, lending or not", async () => {
    const { floor, far } = await connected();
    const [up, down] = [randomBytes(3_000_000), randomBytes(3_000_000)];
    const [heardFar, heardNear] = [collect(far, up.length), collect(floor, down.length)];
    floor.lend();
    far.write(down);
    for (let at = 0, size = 1; at < up.length; at += size, size = (size * 7) % 40_000 || 1)
      floor.write(Buffer.from(up.subarray(at, at + size)));
    expect((await heardFar).equals(up)).toBe(true);
    expect((await heardNear).equals(down)).toBe(true);
  });

  it("tells a writer to wait while the far end does not read, and goes on when it does", async () => {
    const { floor, far } = await connected();
    const size = 30_000_000;
    let sent = 0;
    while (sent < size && floor.write(Buffer.alloc(100_000))) {
      sent += 100_000;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(floor.writableNeedDrain).toBe(true);
    expect(sent).toBeLessThan(size);
    const drained = new Promise((resolve) => floor.once("drain", resolve));
    far.resume();
    await drained;
  });

  it("is over when its peer ends, and broken off when its peer breaks off", async () => {
    const first = await connected();
    const ended = new Promise((resolve) => first.floor.once("end", resolve));
    const closed = new Promise((resolve) => first.floor.once("close", resolve));
    first.floor.resume();
    first.far.end();
    await ended;
    await closed;
    const second = await connected();
    const error = new Promise((resolve) => second.floor.once("error", resolve));
    second.floor.resume();
    second.far.resetAndDestroy();
    expect(await error).toMatchObject({ code: "ECONNRESET" });
  });
});

describe("memory is given back", () => {
  it("of a piece that fills it, and never of one that shares it", () => {
    const own = Buffer.allocUnsafeSlow(32_768);
    giveBackPiece(own);
    expect(own.length).toBe(0);
    const small = Buffer.from("small");
    giveBackPiece(small);
    const part = Buffer.alloc(100_000).subarray(0, 40_000);
    giveBackPiece(part);
    expect([small.length, part.length]).toEqual([5, 40_000]);
  });

  it("of a packet by its length, once, and never of the pool or of what is no packet", () => {
    const packet = Buffer.allocUnsafeSlow(32_772);
    packet.writeUInt32BE(32_768);
    const head = packet.subarray(0, 4);
    giveBackPacket(head);
    expect([packet.length, head.length]).toEqual([0, 0]);
    giveBackPacket(head);
    const other = Buffer.alloc(40_000);
    other.writeUInt32BE(7);
    giveBackPacket(other.subarray(0, 4));
    const pooled = Buffer.from([0, 1, 0, 60]);
    giveBackPacket(pooled);
    expect([other.length, pooled.length]).toEqual([40_000, 4]);
  });
});
