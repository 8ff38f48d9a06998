import fc from "fast-check";
import { expect, it } from "vitest";
import { sequence, tagged } from "./write-der.ts";
import { childOf, childrenOf, DerMistake, readDer, readOid, readSmallInteger, tags } from "./read-der.ts";

it("reads back what was written, at any depth and length", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 }), (parts) => {
      const read = readDer(sequence(sequence(...parts.map((part) => tagged(tags.octetString, part)))));
      expect(childrenOf(childOf(read, 0, tags.sequence)).map(({ content }) => [...content])).toEqual(parts.map((part) => [...part]));
    }),
  );
});

it("meets any bytes with a value or a DerMistake", () => {
  const walk = (bytes: Uint8Array): void => {
    try {
      for (const child of childrenOf(readDer(bytes))) walk(child.raw);
    } catch (cause) {
      if (!(cause instanceof DerMistake)) throw cause;
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => walk(Uint8Array.of(0x30, bytes.length % 128, ...bytes))));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), walk));
});

it("takes no value that is cut off", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (content, cut) => {
      const whole = tagged(tags.octetString, content);
      expect(() => readDer(whole.subarray(0, cut % whole.length))).toThrow(DerMistake);
    }),
  );
});

it.each([
  ["2a864886f70d010701", "1.2.840.113549.1.7.1"],
  ["2b0601040182c40a0303", "1.3.6.1.4.1.41482.3.3"],
  ["60", "2.16"],
])("reads the object identifier %s", (hex, dots) => {
  const value = readDer(tagged(tags.oid, Buffer.from(hex, "hex")));
  expect(readOid(value)).toBe(dots);
});

it("counts with small integers only", () => {
  expect(readSmallInteger(readDer(Buffer.from("02020800", "hex")))).toBe(2048);
  expect(() => readSmallInteger(readDer(Buffer.from("0201ff", "hex")))).toThrow(DerMistake);
  expect(() => readSmallInteger(readDer(Buffer.from("020701020304050607", "hex")))).toThrow(DerMistake);
});
