import { SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failureCodes } from "../../contract/index.ts";
import { formatReply } from "./format-reply.ts";
import { parseSocksRequest } from "./message.ts";
import { socksReplyCode } from "./reply-code.ts";

const compress = (address: string) => new SocketAddress({ address, family: "ipv6" }).address;

describe("a SOCKS5 reply", () => {
  it("carries the bound address in its own family, and reads back as it was written", () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), port, (address, number) => {
        const reply = formatReply(1, { address, port: number });
        const parsed = parseSocksRequest(reply);
        if (parsed.kind !== "ok") throw new Error(`not read: ${address}`);
        const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(compress(address.includes(":") ? address : "::"))?.[1];
        const expected = address.includes(":") && mapped === undefined ? compress(address) : address;
        const actual = parsed.value.host.includes(":") ? compress(parsed.value.host) : parsed.value.host;
        expect([actual, parsed.value.port, parsed.length]).toEqual([
          mapped !== undefined && actual.includes(":") ? compress(address) : (mapped ?? expected),
          number,
          reply.length,
        ]);
      }),
    );
  });

  it("writes a mapped IPv4 address as IPv4, and leaves a zone out", () => {
    expect([...formatReply(0, { address: "::ffff:10.0.0.1", port: 258 })]).toEqual([5, 0, 0, 1, 10, 0, 0, 1, 1, 2]);
    expect(formatReply(0, { address: "fe80::1%eth0", port: 1 })).toHaveLength(22);
  });

  it("names no address where there is none", () => {
    expect([...formatReply(5)]).toEqual([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect([...formatReply(0, { address: "/run/x.sock", port: 0 })]).toEqual([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it("is one of the eight words for no, for every failure", () => {
    for (const code of failureCodes) expect(socksReplyCode[code], code).toBeGreaterThanOrEqual(1);
    for (const code of failureCodes) expect(socksReplyCode[code], code).toBeLessThanOrEqual(8);
  });

  it("tells the ways in which dialling fails apart", () => {
    const { DIAL_NAME_NOT_FOUND, DIAL_REFUSED, DIAL_TIMEOUT, DIAL_UNREACHABLE, POLICY_DENIED } = socksReplyCode;
    expect(new Set([DIAL_NAME_NOT_FOUND, DIAL_REFUSED, DIAL_TIMEOUT, DIAL_UNREACHABLE, POLICY_DENIED])).toHaveLength(5);
  });
});
