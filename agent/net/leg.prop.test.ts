import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { LegEnded } from "./leg.ts";
import { http2Legs, kernelLegs, type LegKind, readAll, streamLegs, until } from "./net-rig.suite.ts";

for (const makeKind of [kernelLegs, streamLegs, http2Legs]) {
  describe(makeKind().name, () => {
    let kind: LegKind = makeKind();
    afterEach(async () => {
      await kind.close();
      kind = makeKind();
    });

    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 });
    const reads = fc.array(
      fc.oneof(
        fc.record({ what: fc.constant("take" as const), count: fc.nat(30) }),
        fc.record({ what: fc.constant("peek" as const) }),
        fc.record({ what: fc.constant("until" as const), delimiter: fc.constantFrom("\n", "\r\n", "ab"), max: fc.nat(40) }),
        fc.record({ what: fc.constant("unread" as const), bytes: fc.uint8Array({ maxLength: 5 }) }),
      ),
      { maxLength: 10 },
    );

    test("however the input is split, a parser sees the same bytes, and what it leaves is still there", async () => {
      await fc.assert(
        fc.asyncProperty(pieces, reads, async (sent, asked) => {
          const { near, far } = await kind.open();
          for (const piece of sent) near.write(piece);
          near.end();
          let rest: Buffer = Buffer.concat(sent);
          for (const ask of asked) {
            if (ask.what === "unread") {
              far.unread(Buffer.from(ask.bytes));
              rest = Buffer.concat([ask.bytes, rest]);
            } else if (ask.what === "peek") {
              const got = await far.peek().catch(endOf);
              expect(got).toBe(rest.length > 0 ? rest[0] : "ended");
            } else if (ask.what === "take") {
              const got = await far.take(ask.count).catch(endOf);
              if (rest.length < ask.count) expect(got).toBe("ended");
              else {
                expect(got).toEqual(rest.subarray(0, ask.count));
                rest = rest.subarray(ask.count);
              }
            } else {
              rest = await expectUntil(far, ask, rest);
            }
          }
          expect(await readAll(far)).toEqual(rest);
          near.destroy();
          far.destroy();
        }),
        { numRuns: kind.isKernel ? 100 : 200 },
      );
    });

    test("destroying a leg frees whoever waits for it, and a second time does nothing", async () => {
      const { far } = await kind.open();
      const waiting = far.take(5).catch(endOf);
      far.destroy();
      far.destroy();
      expect(await waiting).toBe("closed");
      far.write("into the void");
      far.end();
      expect(far.closed).toBe(true);
      expect(far.fd).toBe(-1);
    });

    test("what is written before the end arrives before the end", async () => {
      const { near, far } = await kind.open();
      near.write("last words");
      near.finish();
      expect((await readAll(far)).toString()).toBe("last words");
    });

    test("whoever waits for a leg to drain is told when its reader has taken all, and when it is closed", async () => {
      const { near, far } = await kind.open();
      await near.drained();
      for (let piece = 0; piece < 384; piece += 1) near.write(Buffer.alloc(64 * 1024));
      expect(near.queuedBytes).toBeGreaterThan(0);
      const drained = near.drained();
      let taken = 0;
      while (taken < 384 * 64 * 1024) taken += (await far.readSome()).length;
      await drained;
      expect(near.queuedBytes).toBe(0);
      for (let piece = 0; piece < 384; piece += 1) near.write(Buffer.alloc(64 * 1024));
      const cut = near.drained();
      near.destroy();
      await cut;
    });

    test("a flood that nobody reads is not taken in without bound", async () => {
      const { near, far } = await kind.open();
      for (let piece = 0; piece < 384; piece += 1) near.write(Buffer.alloc(64 * 1024));
      await far.peek();
      let before = -1;
      while (before !== far.unreadLength) {
        before = far.unreadLength;
        for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
      expect(far.unreadLength).toBeLessThanOrEqual(128 * 1024);
    });
  });
}

test("whoever watches is told when the client breaks off, and not when it half-closes", async () => {
  const kind = kernelLegs();
  const first = await kind.open();
  const second = await kind.open();
  const told: string[] = [];
  first.far.onGone(() => told.push("first"));
  second.far.onGone(() => told.push("second"));
  await Promise.all([first.far.take(1).catch(endOf), second.far.take(1).catch(endOf), endBoth(first.near, second.near)]);
  await until(() => told.length > 0);
  expect(told).toEqual(["second"]);
  await kind.close();
});

async function endBoth(ends: { end(): void }, breaks: { abort(): void }): Promise<void> {
  await Promise.resolve();
  ends.end();
  breaks.abort();
}

type Far = Awaited<ReturnType<LegKind["open"]>>["far"];

/** `readUntil` against its own definition. Returns what must be left. */
async function expectUntil(far: Far, { delimiter, max }: { delimiter: string; max: number }, rest: Buffer): Promise<Buffer> {
  const at = rest.indexOf(delimiter);
  const got = await far.readUntil(delimiter, max).catch(endOf);
  if (at >= 0 && at + delimiter.length <= max) {
    expect(got).toEqual(rest.subarray(0, at + delimiter.length));
    return rest.subarray(at + delimiter.length);
  }
  // Undefined as soon as `max` bytes are here, however many more will follow.
  expect(got).toBe(rest.length >= max || at >= 0 ? undefined : "ended");
  return rest;
}

function endOf(cause: unknown): string {
  if (cause instanceof LegEnded) return cause.end;
  throw cause;
}
