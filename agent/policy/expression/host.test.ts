import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalHost,
  createHostMatcher,
  createNetMatcher,
  formatHostPattern,
  parseHostPattern,
  parseIp,
  parseNetPattern,
  parseNetwork,
} from "./index.ts";

const names: readonly (readonly [string, string])[] = [
  ["git.corp.example", "git.corp.example"],
  ["GIT.Corp.Example", "git.corp.example"],
  ["git.corp.example.", "git.corp.example"],
  ["localhost", "localhost"],
  ["my_host.local", "my_host.local"],
  ["-odd-.example", "-odd-.example"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["BÜCHER.example.", "xn--bcher-kva.example"],
  ["xn--bcher-kva.example", "xn--bcher-kva.example"],
  ["faß.example", "xn--fa-hia.example"],
  ["ｇｉｔ.example", "git.example"],
  ["git。example", "git.example"],
  ["1.2.3.4.example", "1.2.3.4.example"],
  ["4.example.0a", "4.example.0a"],
  ["0x.0xg", "0x.0xg"],
];

const addresses: readonly (readonly [string, string])[] = [
  ["10.0.0.1", "10.0.0.1"],
  ["10.0.0.1.", "10.0.0.1"],
  ["127.1", "127.0.0.1"],
  ["0x7f.1", "127.0.0.1"],
  ["0x7F000001", "127.0.0.1"],
  ["2130706433", "127.0.0.1"],
  ["0177.0.0.1", "127.0.0.1"],
  ["１２７.0.0.1", "127.0.0.1"],
  ["::1", "::1"],
  ["[::1]", "::1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["2001:DB8::0:1", "2001:db8::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["fe80::1%eth0", "fe80::1"],
  ["[fe80::1%25eth0]", "fe80::1"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["[::FFFF:a00:1]", "10.0.0.1"],
];

const none = [
  "",
  ".",
  "..",
  "a..b",
  ".a",
  "a b",
  "a/b",
  "a@b",
  "a:80",
  "a?b",
  "a#b",
  "a\\b",
  "a%2eb",
  "a\tb",
  "a\u0000b",
  "*.a",
  "a,b",
  "[::1",
  "::1]",
  "1.2.3.256",
  "1.2.3.4.5",
  "256.256.256.256",
  ":::",
  "1::2::3",
  "12345::",
  "a.0x",
  `${"a".repeat(64)}.b`,
  `${"a.".repeat(127)}bb`,
  "x".repeat(5_000),
];

describe("a host has one spelling", () => {
  for (const [written, value] of names) {
    it(`the name ${written} is ${value}`, () => expect(canonicalHost(written)).toEqual({ kind: "name", value }));
  }
  for (const [written, value] of addresses) {
    it(`the address ${written} is ${value}`, () => expect(canonicalHost(written)).toEqual({ kind: "ip", value }));
  }
  for (const written of none) {
    it(`${JSON.stringify(written.slice(0, 30))} is no host`, () => expect(canonicalHost(written)).toBeUndefined());
  }

  it("that is its own canonical form, for any text", () => {
    const pieces = fc.array(
      fc.constantFrom("a", "B", ".", "-", "0", "1", "x", "xn--", ":", "[", "]", "é", "。", "%", "0x7f", "::", "ffff", "*", "_", " "),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.domain(),
          fc.ipV4(),
          fc.ipV4Extended(),
          fc.ipV6(),
          pieces.map((parts) => parts.join("")),
        ),
        (text) => {
          const host = canonicalHost(text);
          if (host === undefined) return;
          expect(canonicalHost(host.value)).toEqual(host);
          expect(host.value).toMatch(host.kind === "ip" ? /^[0-9a-f.:]+$/ : /^[a-z0-9_.-]+$/);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it("and agrees with the URL parser about what is dialled", () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.ipV4Extended(), fc.webAuthority()), (text) => {
        const host = canonicalHost(text);
        if (host === undefined) return;
        const { hostname } = new URL(`http://${text.includes(":") && !text.startsWith("[") ? `[${text}]` : text}/`);
        expect(canonicalHost(hostname)).toEqual(host);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("a host pattern", () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["a.b", ["a.b"], ["x.a.b", "b", "xa.b"]],
    ["*.a.b", ["x.a.b"], ["a.b", "y.x.a.b", "xa.b"]],
    ["**.a.b", ["x.a.b", "y.x.a.b"], ["a.b", "xa.b"]],
    [".a.b", ["a.b", "x.a.b", "y.x.a.b"], ["xa.b", "a.b.c"]],
    ["10.0.0.1", ["10.0.0.1"], ["110.0.0.1"]],
  ];
  for (const [written, matching, other] of cases) {
    const parsed = parseHostPattern(written);
    const pattern = parsed.kind === "pattern" ? parsed.pattern : undefined;
    it(`${written} matches ${matching.join(", ")} and not ${other.join(", ")}`, () => {
      expect(pattern && formatHostPattern(pattern)).toBe(written);
      // Alone, and among so many that suffixes are looked up.
      const crowd = ["*.p.q", "**.r.s", ".t.u", "*.v.w", ".x.y"]
        .map(parseHostPattern)
        .flatMap((one) => (one.kind === "pattern" ? [one.pattern] : []));
      for (const matcher of [createHostMatcher(pattern ? [pattern] : []), createHostMatcher(pattern ? [pattern, ...crowd] : [])]) {
        expect(matching.filter((host) => !matcher.matches(host))).toEqual([]);
        expect(other.filter((host) => matcher.matches(host))).toEqual([]);
      }
    });
  }

  it("that is not canonical is refused with the right spelling", () => {
    expect(parseHostPattern("*.Corp.Example.")).toMatchObject({ kind: "bad", hint: "write '*.corp.example'" });
    expect(parseHostPattern("0x7f.1")).toMatchObject({ kind: "bad", hint: "write '127.0.0.1'" });
    expect(parseHostPattern("a.*.b").kind).toBe("bad");
    expect(parseHostPattern("*").kind).toBe("bad");
    expect(parseHostPattern(".10.0.0.1").kind).toBe("bad");
  });
});

describe("a network", () => {
  it("holds its addresses, of its own family only", () => {
    const matcher = createNetMatcher(["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"].flatMap((text) => parseNetPattern(text) ?? []));
    expect(["10.255.0.1", "2001:db8:1::1", "192.0.2.7"].every((ip) => matcher.matches(ip))).toBe(true);
    expect(["11.0.0.1", "2001:db9::1", "192.0.2.8", "::a00:1", "no address"].some((ip) => matcher.matches(ip))).toBe(false);
  });

  it("matches the same whether networks are few or many", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(32)), { minLength: 17, maxLength: 40 }),
        fc.oneof(fc.ipV4(), fc.ipV6()),
        (drawn, ip) => {
          const networks = drawn.flatMap(([address, length]) => parseNetwork(`${address}/${length}`)?.masked() ?? []);
          const address = parseIp(ip);
          const expected = address !== undefined && networks.some((network) => network.contains(address));
          expect(createNetMatcher(networks).matches(ip)).toBe(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("with bits behind its prefix is no pattern", () => {
    expect(parseNetPattern("10.0.0.1/8")).toBeUndefined();
    expect(parseNetPattern("10.0.0.0/33")).toBeUndefined();
    expect(parseNetPattern("::ffff:10.0.0.0/104")).toBeUndefined();
    expect(parseNetPattern("010.0.0.0/8")).toBeUndefined();
  });
});
