import { createHash, randomBytes } from "node:crypto";
import { Duplex } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { Leash } from "../base/index.ts";
import { StillClock } from "../testing/index.ts";
import type { LegBase } from "./leg-base.ts";
import { http2Legs, kernelLegs, type LegKind, readAll, streamLegs, until } from "./net-rig.suite.ts";
import { splice, type SpliceOptions, type Splicing } from "./splice.ts";
import { StreamLeg } from "./stream-leg.ts";
import { Wheel } from "./wheel.ts";

interface Tunnel {
  /** The program's end and the server's end, with the splice between them. */
  readonly program: LegBase;
  readonly server: LegBase;
  readonly splicing: Splicing;
}

for (const makeKind of [kernelLegs, streamLegs, http2Legs]) {
  describe(makeKind().name, () => {
    let kind: LegKind = makeKind();
    afterEach(async () => {
      await kind.close();
      kind = makeKind();
    });

    const clock = new StillClock();
    const tunnel = async (more: Partial<SpliceOptions> = {}): Promise<Tunnel> => {
      const front = await kind.open();
      const back = await kind.open();
      const options = { idleMs: Infinity, lifetimeMs: Infinity, leash: new Leash(), wheel: new Wheel(clock), ...more };
      return { program: front.near, server: back.far, splicing: splice(front.far, back.near, options) };
    };

    test("bytes go both ways and are counted", async () => {
      const { program, server, splicing } = await tunnel();
      program.write("ping");
      expect((await server.take(4)).toString()).toBe("ping");
      server.write("answer");
      expect((await program.take(6)).toString()).toBe("answer");
      expect([splicing.up, splicing.down]).toEqual([4, 6]);
      program.end();
      server.end();
      expect(await splicing.ended).toEqual({ why: "finished", up: 4, down: 6 });
    });

    test("a client that half-closes and waits still gets its whole answer", async () => {
      const { program, server, splicing } = await tunnel();
      program.write("question");
      program.end();
      expect((await readAll(server)).toString()).toBe("question");
      const answer = randomBytes(3_000_000);
      server.write(answer);
      server.end();
      expect(digest(await readAll(program))).toBe(digest(answer));
      expect(await splicing.ended).toEqual({ why: "finished", up: 8, down: answer.length });
    });

    test("a server that ends first still receives everything the client sends", async () => {
      const { program, server, splicing } = await tunnel();
      server.end();
      expect((await readAll(program)).length).toBe(0);
      const upload = randomBytes(2_000_000);
      program.write(upload);
      program.end();
      expect(digest(await readAll(server))).toBe(digest(upload));
      expect((await splicing.ended).why).toBe("finished");
    });

    test("bytes that arrived with the handshake are neither lost nor counted twice", async () => {
      const front = await kind.open();
      const back = await kind.open();
      front.near.write("HEADearly");
      expect((await front.far.take(4)).toString()).toBe("HEAD");
      await until(() => front.far.unreadLength === 5);
      back.far.write("banner");
      await back.near.peek();
      const splicing = splice(front.far, back.near, {
        idleMs: Infinity,
        lifetimeMs: Infinity,
        leash: new Leash(),
        wheel: new Wheel(clock),
      });
      expect((await back.far.take(5)).toString()).toBe("early");
      expect((await front.near.take(6)).toString()).toBe("banner");
      front.near.end();
      back.far.end();
      expect(await splicing.ended).toEqual({ why: "finished", up: 5, down: 6 });
    });

    test("a pulled leash cuts both sides at once", async () => {
      const leash = new Leash();
      const { program, server, splicing } = await tunnel({ leash });
      leash.pull("CARRY_CLOSED_BY_PERSON");
      expect((await splicing.ended).why).toBe("cut");
      await until(() => program.readEnd !== undefined || program.unreadLength === 0);
      await expect(
        readAll(server).then(
          () => "over",
          () => "over",
        ),
      ).resolves.toBe("over");
    });

    test("a leash that was pulled before cuts at the start", async () => {
      const leash = new Leash();
      leash.pull("AGENT_DRAINING");
      const { splicing } = await tunnel({ leash });
      expect(await splicing.ended).toEqual({ why: "cut", up: 0, down: 0 });
    });

    test("an idle tunnel is cut, one that moves bytes is not", async () => {
      const wheel = new Wheel(clock);
      const { program, server, splicing } = await tunnel({ idleMs: 60_000, wheel });
      for (let minute = 0; minute < 5; minute += 1) {
        program.write("x");
        await server.take(1);
        clock.pass(50_000);
      }
      let isOver = false;
      void splicing.ended.then(() => (isOver = true));
      await Promise.resolve();
      expect(isOver).toBe(false);
      clock.pass(80_000);
      expect(await splicing.ended).toEqual({ why: "idle", up: 5, down: 0 });
      expect(wheel.size).toBe(0);
    });

    test("a tunnel ends at its lifetime, however busy it is", async () => {
      const { program, server, splicing } = await tunnel({ lifetimeMs: 10_000 });
      for (let second = 0; second < 12; second += 1) {
        program.write("x");
        if (second < 10) await server.take(1);
        clock.pass(1000);
      }
      expect((await splicing.ended).why).toBe("lifetime");
    });

    test("a reader that stalls stops the writer, and holds less than two megabytes", async () => {
      const { program, server, splicing } = await tunnel();
      const chunk = Buffer.alloc(1 << 20, 7);
      const total = 64;
      for (let sent = 0; sent < total; sent += 1) program.write(chunk);
      program.end();
      // The server reads nothing: the splice stops taking in when the pipes behind it are full.
      let before = -1;
      while (before !== splicing.up) {
        before = splicing.up;
        for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
      const held = (server.bytesRead === 0 ? splicing.up : splicing.up - server.bytesRead) - (kind.isKernel ? kernelBuffered : 0);
      expect(held).toBeLessThan(2 << 20);
      expect((await readAll(server)).length).toBe(total << 20);
      server.end();
      expect(await splicing.ended).toEqual({ why: "finished", up: total << 20, down: 0 });
    });

    test("many tunnels at once with bulk, trickle and slow readers deliver every byte in order", async () => {
      const jobs = Array.from({ length: 12 }, async (_, index) => {
        const { program, server, splicing } = await tunnel();
        const up = randomBytes(index % 3 === 0 ? 2_500_000 : 40_000);
        const down = randomBytes(index % 2 === 0 ? 1_700_000 : 300);
        const sendUp = sendInPieces(program, up, index % 4 === 0 ? 7001 : 150_000);
        const sendDown = sendInPieces(server, down, 64_000);
        const [gotUp, gotDown] = await Promise.all([readSlowly(server, index % 5), readSlowly(program, index % 4), sendUp, sendDown]);
        expect(digest(gotUp)).toBe(digest(up));
        expect(digest(gotDown)).toBe(digest(down));
        expect(await splicing.ended).toEqual({ why: "finished", up: up.length, down: down.length });
      });
      await Promise.all(jobs);
    });
  });
}

describe.each([kernelLegs, http2Legs])("resets of legs by %o", (makeKind) => {
  let kind = makeKind();
  afterEach(async () => {
    await kind.close();
    kind = makeKind();
  });

  test.each(["client", "server"] as const)(
    "a %s that breaks off is told from one that ends, and the other side learns it",
    async (side) => {
      const front = await kind.open();
      const back = await kind.open();
      const options = { idleMs: Infinity, lifetimeMs: Infinity, leash: new Leash(), wheel: new Wheel(new StillClock()) };
      const splicing = splice(front.far, back.near, options);
      const [breaks, other] = side === "client" ? [front.near, back.far] : [back.far, front.near];
      breaks.abort();
      expect((await splicing.ended).why).toBe(`${side}_reset`);
      await expect(readAll(other)).rejects.toMatchObject({ name: "LegEnded", end: "reset" });
    },
  );
});

test("a client that half-closed and breaks off later ends the tunnel, however much the server still sends", async () => {
  const kind = kernelLegs();
  const front = await kind.open();
  const back = await kind.open();
  const options = { idleMs: Infinity, lifetimeMs: Infinity, leash: new Leash(), wheel: new Wheel(new StillClock()) };
  const splicing = splice(front.far, back.near, options);
  front.near.write("download, please");
  front.near.end();
  await readAll(back.far);
  const send = async (): Promise<void> => {
    while (!back.far.closed && back.far.readEnd !== "reset") {
      if (back.far.queuedBytes < 1 << 20) back.far.write(Buffer.alloc(1 << 18));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const sending = send();
  await until(() => splicing.down > 1 << 20);
  front.near.destroy();
  expect((await splicing.ended).why).toBe("client_reset");
  back.far.destroy();
  await sending;
  await kind.close();
});

test("bytes from a kernel socket stay as they were in a stream that keeps them", async () => {
  const front = kernelLegs();
  const { near, far } = await front.open();
  const kept: Buffer[] = [];
  const keeper: Duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, taken) => {
      kept.push(chunk);
      taken();
    },
    final: (done) => {
      keeper.push(null);
      done();
    },
  });
  const options = { idleMs: Infinity, lifetimeMs: Infinity, leash: new Leash(), wheel: new Wheel(new StillClock()) };
  const splicing = splice(far, new StreamLeg(keeper), options);
  const sent = Buffer.concat(Array.from({ length: 300 }, (_, piece) => Buffer.alloc(100, piece)));
  await sendInPieces(near, sent, 100);
  expect((await splicing.ended).why).toBe("finished");
  expect(kept.length).toBeGreaterThan(1);
  expect(digest(Buffer.concat(kept))).toBe(digest(sent));
  await front.close();
});

/** What the kernel's own buffers of the four sockets may hold; it is not ours to bound. */
const kernelBuffered = 24 << 20;

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function sendInPieces(leg: LegBase, bytes: Buffer, pieceBytes: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    leg.write(bytes.subarray(at, at + pieceBytes));
    if (at % (pieceBytes * 8) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  leg.end();
}

async function readSlowly(leg: LegBase, pauses: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    for (let turn = 0; turn < pauses; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const part = await leg.readSome();
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
  }
}
