import { expect, test } from "vitest";
import { canonicalJson, genesis, linkHash } from "./chain.ts";

test("a link is the SHA-256 of the digest before it and the record's text", () => {
  // printf '%064d{"seq":1}' 0 | sha256sum
  expect(linkHash(genesis, '{"seq":1}')).toBe("0a00898550374c41186879d92f30325cd0a550ce8c5da4d9aeef34a95c0b85ea");
});

test("canonical JSON has one text for one meaning", () => {
  expect(canonicalJson({ b: [{ z: 1, a: undefined }, "ü"], a: null })).toBe('{"a":null,"b":[{"z":1},"ü"]}');
  expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
});

test("a key named __proto__ is a key like any other", () => {
  expect(canonicalJson(JSON.parse('{"__proto__":1,"a":2}'))).toBe('{"__proto__":1,"a":2}');
});
