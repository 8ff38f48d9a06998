import { expect, test } from "vitest";
import { h2Preface, sniff } from "./sniff.ts";

test.each([
  ["socks5", 0x05],
  ["socks4", 0x04],
  ["tls", 0x16],
  ["http", "G".charCodeAt(0)],
  ["http", "p".charCodeAt(0)],
  ["http", h2Preface.charCodeAt(0)],
  ["unknown", 0x00],
  ["unknown", 0x80],
  ["unknown", 0x20],
  ["unknown", 0xff],
] as const)("%s is told by its first byte %s", (protocol, byte) => {
  expect(sniff(byte)).toBe(protocol);
});
