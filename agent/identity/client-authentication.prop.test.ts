import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isClientAuthentication } from "./client-authentication.ts";

const handshake = (type: number, body: Buffer) => Buffer.concat([Buffer.from([type, 0, body.length >> 8, body.length & 255]), body]);
const hello = Buffer.concat([Buffer.from([3, 3]), randomBytes(40)]);
const bodyOf = (type: number) => (type === 1 || type === 2 ? hello : randomBytes(50));
const transcript = (types: readonly number[]) => Buffer.concat(types.map((type) => handshake(type, bodyOf(type))));
const whole = [1, 2, 11, 12, 13, 14, 11, 16];
const tls13 = (who: string, length: number) =>
  Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from(`TLS 1.3, ${who} CertificateVerify\0`, "latin1"), randomBytes(length)]);

describe("a key signs", () => {
  it("the end of a client's TLS 1.3 handshake", () => {
    expect(isClientAuthentication(tls13("client", 32))).toBe(true);
    expect(isClientAuthentication(tls13("client", 48))).toBe(true);
  });

  it("a client's TLS 1.2 handshake, with and without the optional messages", () => {
    for (const types of [whole, [1, 2, 11, 22, 12, 13, 14, 11, 16], [1, 2, 11, 13, 14, 11, 16]]) {
      expect(isClientAuthentication(transcript(types))).toBe(true);
    }
  });
});

describe("a key never signs", () => {
  it("arbitrary bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !isClientAuthentication(bytes)));
  });

  it("a server's proof, or one with something before, after or missing", () => {
    expect(isClientAuthentication(tls13("server", 32))).toBe(false);
    for (const length of [0, 31, 33, 47, 49, 64]) expect(isClientAuthentication(tls13("client", length))).toBe(false);
    const good = tls13("client", 32);
    for (let length = 0; length < good.length; length += 1) expect(isClientAuthentication(good.subarray(0, length))).toBe(false);
  });

  it("a transcript that is torn, or in another order", () => {
    const good = transcript(whole);
    for (let length = 0; length < good.length; length += 1) expect(isClientAuthentication(good.subarray(0, length))).toBe(false);
    fc.assert(fc.property(fc.shuffledSubarray(whole), (types) => isClientAuthentication(transcript(types)) === legal.has(types.join(" "))));
  });
});

const legal = new Set(["1 2 11 12 13 14 11 16", "1 2 11 13 14 11 16"]);
