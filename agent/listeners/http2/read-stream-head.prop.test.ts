import fc from "fast-check";
import { expect, test } from "vitest";
import { formatForwardedRequest } from "../http/forwarded-head.ts";
import { parseRequestHead } from "../http/head.ts";
import { understand } from "../http/understand.ts";
import { frameStream, readStreamHead } from "./read-stream-head.ts";

const anyText = fc.string({ unit: "binary-ascii", maxLength: 20 });
const names = fc.oneof(
  fc.constantFrom(
    ":method",
    ":scheme",
    ":authority",
    ":path",
    ":protocol",
    "host",
    "cookie",
    "te",
    "content-length",
    "connection",
    "via",
    "x-a",
  ),
  anyText,
);
const values = fc.oneof(
  fc.constantFrom("GET", "CONNECT", "http", "a.test", "a.test:80", "/", "*", "trailers", "0", "7", "a\r\nb: c"),
  anyText,
);
const rawHeads = fc.array(fc.tuple(names, values), { maxLength: 12 }).map((pairs) => pairs.flat());
/** Mostly sound, so that what passes is looked at too. */
const sound = fc.tuple(
  fc.constantFrom("x-a", "cookie", "accept", "te", "content-length", "expect", "max-forwards"),
  fc.oneof(fc.constantFrom("trailers", "0", "7", "a=b", "100-continue"), fc.stringMatching(/^[ -~\t\x80-\xff]{0,20}$/)),
);
const likely = fc
  .tuple(
    fc.constantFrom("GET", "POST", "OPTIONS", "PURGE"),
    fc.array(fc.oneof({ weight: 9, arbitrary: sound }, { weight: 1, arbitrary: fc.tuple(names, values) }), { maxLength: 5 }),
    fc.oneof(fc.stringMatching(/^[!-~]{0,20}$/), anyText),
  )
  .map(([method, pairs, path]) => [":method", method, ":scheme", "http", ":authority", "a.test", ":path", `/${path}`, ...pairs.flat()]);

test("any head is read or refused, never thrown at, and what is read goes on as exactly one head of HTTP/1.1", () => {
  let passed = 0;
  fc.assert(
    fc.property(fc.oneof(rawHeads, likely), fc.boolean(), (raw, isEnded) => {
      const read = readStreamHead(raw);
      if (read.kind === "bad") {
        expect(read.bad.detail).not.toBe("");
        return undefined;
      }
      const { head } = read;
      const understood = understand(head, { via: "portail", checkLogin: undefined });
      if (understood.kind !== "forward") return undefined;
      const framing = frameStream(understood.framing, isEnded);
      if ("kind" in framing) return undefined;
      passed += 1;
      const { target } = understood;
      const text = formatForwardedRequest(head, { target, host: target.host, framing: framing.goes, upgrade: false, via: "portail" });
      expect(text.indexOf("\r\n\r\n")).toBe(text.length - 4);
      const again = parseRequestHead(text);
      expect(again.kind).toBe("request");
      if (again.kind !== "request") return undefined;
      expect([again.method, again.target]).toEqual([head.method, target.path]);
      const lengths = again.fields.filter(({ key }) => key === "content-length" || key === "transfer-encoding");
      expect(lengths.length).toBeLessThanOrEqual(1);
      expect(lengths.length === 1 || isEnded).toBe(true);
      expect(again.fields.filter(({ key }) => key === "host")).toHaveLength(1);
      expect(again.fields.filter(({ key }) => key === "cookie").length).toBeLessThanOrEqual(1);
      return undefined;
    }),
    { numRuns: 3000 },
  );
  expect(passed).toBeGreaterThan(200);
});
