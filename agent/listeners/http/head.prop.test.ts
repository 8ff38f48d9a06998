import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkReader } from "./chunk-reader.ts";
import { type Field, formatFields, parseRequestHead, parseResponseHead, parseTrailers } from "./head.ts";
import { HeadReader } from "./head-reader.ts";

const latin1 = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
const value = fc.stringMatching(/^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?)?$/);
const fields = fc.array(fc.tuple(token, value), { maxLength: 8 });
const target = fc.stringMatching(/^[\x21-\x7e\x80-\xff]{1,40}$/);
const asFields = (pairs: readonly (readonly [string, string])[]): Field[] =>
  pairs.map(([name, text]) => ({ name, key: name.toLowerCase(), value: text }));

/** Almost a head: pieces that matter, in any order. */
const almost = fc
  .array(fc.constantFrom("GET ", "http://a/", " HTTP/1.1", "\r\n", "\n", "\r", "Host: a", ":", " ", "\t", "\0", "\xff", "X", ", ", "0"), {
    maxLength: 30,
  })
  .map((parts) => `${parts.join("")}\r\n\r\n`);

describe("the head parsers", () => {
  it("never throw, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.oneof(latin1, almost), (text) => {
        parseRequestHead(text);
        parseResponseHead(text);
        parseTrailers(text);
      }),
      { numRuns: 1000 },
    );
  });

  it("read back what was written", () => {
    fc.assert(
      fc.property(token, target, fields, (method, path, pairs) => {
        const written = asFields(pairs);
        const head = parseRequestHead(`${method} ${path} HTTP/1.1\r\n${formatFields(written)}\r\n`);
        expect(head).toEqual({ kind: "request", method, target: path, version: "1.1", fields: written });
      }),
    );
  });

  it("let no control character but a tab through", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          almost,
          latin1.map((text) => `GET http://a/ HTTP/1.1\r\nHost: ${text}\r\n\r\n`),
        ),
        (text) => {
          const head = parseRequestHead(text);
          if (head.kind === "bad") return;
          const all = [head.method, head.target, ...head.fields.flatMap((field) => [field.name, field.value])].join("");
          expect(all).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f]/);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("take a head of 64 KiB of spaces in no time", () => {
    const spaces = " ".repeat(60_000);
    const started = performance.now();
    expect(parseRequestHead(`GET http://a/ HTTP/1.1\r\nHost: a${spaces}b\r\nX:${spaces}\r\n\r\n`).kind).toBe("request");
    expect(parseRequestHead(`GET http://a/ HTTP/1.1\r\n${spaces}: b\r\n\r\n`).kind).toBe("bad");
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

/** Cut bytes at the given places. */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const points = [0, ...cuts.map((at) => at % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return points
    .slice(1)
    .map((point, index) => bytes.subarray(points[index], point))
    .filter((piece) => piece.length > 0);
}

describe("the head reader", () => {
  const read = (pieces: readonly Buffer[]) => {
    const reader = new HeadReader();
    for (const [index, piece] of pieces.entries()) {
      const step = reader.push(piece);
      if (step.kind === "bad") return { kind: "bad", code: step.code };
      if (step.kind === "head") return { ...step, rest: Buffer.concat([step.rest, ...pieces.slice(index + 1)]).toString("latin1") };
    }
    return { kind: "more" };
  };

  it("finds the same head however its bytes are cut", () => {
    const text = fc.oneof(
      almost,
      almost.map((head) => `\r\n${head}rest`),
      latin1,
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (sent, cuts) => {
        const bytes = Buffer.from(sent, "latin1");
        expect(read(cut(bytes, cuts))).toEqual(read([bytes]));
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses more than 64 KiB before the end has come, and a bare LF at once", () => {
    expect(read([Buffer.alloc(70_000, "a")])).toMatchObject({ code: "HTTP_HEAD_TOO_LARGE" });
    expect(read([Buffer.from("GET http://a/ HTTP/1.1\n")])).toMatchObject({ code: "HTTP_BAD_REQUEST" });
  });

  it("skips one empty line in front and no second", () => {
    expect(read([Buffer.from("\r\nGET / HTTP/1.1\r\n\r\n")])).toMatchObject({ text: "GET / HTTP/1.1\r\n\r\n", bytes: 20 });
    expect(read([Buffer.from("\r\n\r\nGET")])).toMatchObject({ kind: "head", text: "\r\n" });
  });
});

describe("the chunk reader", () => {
  const read = (pieces: readonly Buffer[]) => {
    const reader = new ChunkReader();
    const data: Uint8Array[] = [];
    for (const [index, piece] of pieces.entries()) {
      for (let at = 0; at < piece.length; ) {
        const { event, next } = reader.step(piece, at);
        at = next;
        if (event?.kind === "data") data.push(event.bytes);
        else if (event?.kind === "bad") return "bad";
        else if (event?.kind === "end") {
          const rest = Buffer.concat([piece.subarray(at), ...pieces.slice(index + 1)]);
          return { body: Buffer.concat(data).toString("latin1"), trailers: event.trailers, rest: rest.toString("latin1") };
        }
      }
    }
    return "more";
  };
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 50 });

  it("reads every body that was written, cut anywhere, and takes nothing behind it", () => {
    fc.assert(
      fc.property(fc.array(chunk), fields, fc.array(fc.nat(), { maxLength: 8 }), latin1, (chunks, pairs, cuts, rest) => {
        const trailers = asFields(pairs);
        const encoded = chunks.map((data) => `${data.length.toString(16)};x=y\r\n${Buffer.from(data).toString("latin1")}\r\n`).join("");
        const bytes = Buffer.from(`${encoded}0\r\n${formatFields(trailers)}\r\n${rest}`, "latin1");
        const body = Buffer.concat(chunks).toString("latin1");
        expect(read(cut(bytes, cuts))).toEqual({ body, trailers, rest });
      }),
    );
  });

  it("never throws, and means the same however its bytes are cut", () => {
    const noise = fc
      .array(fc.constantFrom("0", "2", "a", "\r\n", "\r", "\n", ";", "hi", "-", "0x", " ", "\0"), { maxLength: 20 })
      .map((parts) => Buffer.from(parts.join(""), "latin1"));
    fc.assert(
      fc.property(noise, fc.array(fc.nat(), { maxLength: 8 }), (bytes, cuts) => {
        expect(read(cut(bytes, cuts))).toEqual(read([bytes]));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["a bare LF behind the size", "2\nhi\r\n0\r\n\r\n"],
    ["a size with 0x", "0x2\r\nhi\r\n0\r\n\r\n"],
    ["a sign", "+2\r\nhi\r\n0\r\n\r\n"],
    ["a size of many digits", "00000000000000002\r\nhi\r\n0\r\n\r\n"],
    ["data longer than its size", "2\r\nhiXX\r\n0\r\n\r\n"],
    ["a space in front of the size", " 2\r\nhi\r\n0\r\n\r\n"],
    ["a folded trailer", "0\r\nA: b\r\n c\r\n\r\n"],
    ["an endless size line", `1;${"x".repeat(5000)}`],
    ["endless trailers", `0\r\n${"A: b\r\n".repeat(4000)}`],
  ])("refuses %s", (_, text) => {
    expect(read([Buffer.from(text, "latin1")])).toBe("bad");
  });
});
