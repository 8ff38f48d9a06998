import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Parsed, parseGreeting, parseLogin, parseSocksRequest } from "./message.ts";

const parsers: readonly [string, (bytes: Uint8Array) => Parsed<unknown>, number][] = [
  ["greeting", parseGreeting, 0x05],
  ["login", parseLogin, 0x01],
  ["request", parseSocksRequest, 0x05],
];

/** Noise alone hardly ever gets past the first byte: half of the samples begin as a message does. */
const bytesLike = (first: number) =>
  fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.uint8Array({ maxLength: 600 }).map((rest) => Uint8Array.of(first, ...rest)),
    fc.tuple(fc.constantFrom(1, 3, 4), fc.uint8Array({ maxLength: 600 })).map(([kind, rest]) => Uint8Array.of(first, 1, 0, kind, ...rest)),
  );

describe.each(parsers)("the %s parser", (_, parse, first) => {
  it("never throws and never takes more than there is", () => {
    fc.assert(
      fc.property(bytesLike(first), (bytes) => {
        const parsed = parse(bytes);
        if (parsed.kind === "ok") expect(parsed.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  it("says about any beginning either 'more' or what it says about the whole", () => {
    fc.assert(
      fc.property(bytesLike(first), fc.nat(600), (bytes, cut) => {
        const part = parse(bytes.subarray(0, cut));
        if (part.kind !== "more") expect(part).toEqual(parse(bytes));
      }),
    );
  });

  it("asks for more only while a message can still be incomplete", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 520, maxLength: 600 }), (rest) => {
        expect(parse(Uint8Array.of(first, ...rest)).kind).not.toBe("more");
      }),
    );
  });
});

describe("the request parser", () => {
  it("reads every address that is written as RFC 1928 says", () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    const ipv4 = fc.ipV4().map((host) => [host, Uint8Array.of(1, ...host.split(".").map(Number))] as const);
    const name = fc.domain().map((host) => [host, Uint8Array.of(3, host.length, ...Buffer.from(host))] as const);
    fc.assert(
      fc.property(fc.oneof(ipv4, name), port, ([host, address], number) => {
        const bytes = Uint8Array.of(5, 1, 0, ...address, number >> 8, number & 255, 99);
        expect(parseSocksRequest(bytes)).toEqual({ kind: "ok", value: { host, port: number }, length: bytes.length - 1 });
      }),
    );
  });

  it("writes an IPv6 address as eight groups", () => {
    const bytes = Uint8Array.of(5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80);
    expect(parseSocksRequest(bytes)).toMatchObject({ value: { host: "2001:db8:0:0:0:0:0:1", port: 80 } });
  });

  it.each([
    ["BIND", [5, 2], "SOCKS_COMMAND"],
    ["UDP ASSOCIATE", [5, 3], "SOCKS_COMMAND"],
    ["an unknown command", [5, 0xf0], "SOCKS_COMMAND"],
    ["another version", [4, 1], "SOCKS_VERSION"],
    ["an unknown address type", [5, 1, 0, 2], "SOCKS_ADDRESS"],
    ["an empty name", [5, 1, 0, 3, 0], "SOCKS_ADDRESS"],
    ["port 0", [5, 1, 0, 1, 127, 0, 0, 1, 0, 0], "SOCKS_ADDRESS"],
    ["a name that is not UTF-8", [5, 1, 0, 3, 2, 0xc3, 0x28, 0, 80], "REQUEST_HOST"],
  ])("refuses %s", (_, bytes, code) => {
    expect(parseSocksRequest(Uint8Array.from(bytes))).toMatchObject({ kind: "bad", code });
  });
});
