import fc from "fast-check";
import { expect, test } from "vitest";
import { Gathered } from "./gathered.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Pieces of any size, a sender that is slow now and then, and the end at any moment. */
const script = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("piece" as const), length: fc.integer({ min: 1, max: 40_000 }) }) },
    { weight: 2, arbitrary: fc.constant({ kind: "turn" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "slow" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "fast" as const }) },
  ),
  { maxLength: 60 },
);

test("whatever the pieces and however slow the sender, the bytes go out whole, in order, and untouched while they rest", async () => {
  await fc.assert(
    fc.asyncProperty(script, async (steps) => {
      const sent: Buffer[] = [];
      const resting: { readonly bytes: Uint8Array; readonly copy: Buffer }[] = [];
      let isSlow = false;
      const send = (bytes: Uint8Array): boolean => {
        const copy = Buffer.from(bytes);
        sent.push(copy);
        if (isSlow) resting.push({ bytes, copy });
        return !isSlow;
      };
      const settle = (gathered: Gathered): void => {
        // One after the other, as a sender does; what is out may be used again, what still rests must not.
        for (const { bytes, copy } of resting.splice(0)) {
          expect(Buffer.from(bytes).equals(copy)).toBe(true);
          gathered.settled();
        }
      };
      const gathered = new Gathered(send);
      const wanted: Buffer[] = [];
      for (const [at, step] of steps.entries()) {
        if (step.kind === "slow") isSlow = true;
        else if (step.kind === "turn") await turn();
        else if (step.kind === "fast") {
          isSlow = false;
          settle(gathered);
        } else {
          const piece = Buffer.alloc(step.length, at % 251);
          wanted.push(piece);
          // What the reader does: small pieces at once, the rest together.
          if (gathered.wants(piece)) gathered.add(piece);
          else gathered.pass(piece);
        }
      }
      gathered.release();
      settle(gathered);
      gathered.drop();
      expect(Buffer.concat(sent).equals(Buffer.concat(wanted))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("the records of one turn leave in one piece", async () => {
  const sent: number[] = [];
  const gathered = new Gathered((bytes) => sent.push(bytes.length) > 0);
  for (let at = 0; at < 5; at++) gathered.add(Buffer.alloc(16_384));
  expect(sent).toEqual([]);
  await turn();
  expect(sent).toEqual([5 * 16_384]);
});

test("what is dropped is never sent", async () => {
  const sent: number[] = [];
  const gathered = new Gathered((bytes) => sent.push(bytes.length) > 0);
  gathered.add(Buffer.alloc(16_384));
  gathered.drop();
  await turn();
  expect(sent).toEqual([]);
});
