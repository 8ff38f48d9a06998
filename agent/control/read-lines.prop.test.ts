import fc from "fast-check";
import { expect, it } from "vitest";
import { AgentError } from "../base/index.ts";
import { readLines } from "./read-lines.ts";

/** Cut bytes at the given places. */
function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

async function collect(chunks: Iterable<Uint8Array>, maxBytes: number): Promise<{ lines: string[]; code: string | undefined }> {
  const lines: string[] = [];
  const source = (async function* () {
    yield* chunks;
  })();
  try {
    for await (const line of readLines(source, () => maxBytes)) lines.push(line);
  } catch (cause) {
    if (!(cause instanceof AgentError)) throw cause;
    return { lines, code: cause.code };
  }
  return { lines, code: undefined };
}

it("lines come out as they went in, wherever the stream is cut", async () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " "));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (lines, cuts) => {
      const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(""));
      expect(await collect(split(bytes, cuts), 1_000_000)).toEqual({ lines, code: undefined });
    }),
  );
});

it("any bytes give the same lines and the same end however they are cut, and never anything but a known failure", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.nat()),
      fc.integer({ min: 1, max: 40 }),
      async (bytes, cuts, maxBytes) => {
        const whole = await collect([bytes], maxBytes);
        expect(await collect(split(bytes, cuts), maxBytes)).toEqual(whole);
        for (const line of whole.lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxBytes);
      },
    ),
  );
});
