import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEnvironmentProxies } from "./environment-proxies.ts";
import { parseNoProxy } from "./no-proxy.ts";
import { parsePacResult } from "./pac-result.ts";
import { parseProxyUrl } from "./proxy-way.ts";

describe("a proxy of the environment", () => {
  test.each([
    ["http://proxy.corp.example:3128", { kind: "http", host: "proxy.corp.example", port: 3128 }],
    ["proxy:3128", { kind: "http", host: "proxy", port: 3128 }],
    ["https://proxy/", { kind: "https", host: "proxy", port: 443 }],
    ["SOCKS5H://[::1]:1080/", { kind: "socks5", host: "::1", port: 1080 }],
  ])("%s is read as programs read it", (text, way) => {
    expect(parseProxyUrl(text)).toEqual(way);
  });

  test("is refused with words that never repeat it", () => {
    for (const text of [
      "http://joe:hunter2@proxy:3128",
      "socks4://hunter2:1",
      "http://hunter2:99999",
      "http://hunter2 x:1",
      "http://:80",
      "constructor://hunter2",
    ]) {
      const parsed = parseProxyUrl(text);
      expect(parsed).toBeTypeOf("string");
      expect(parsed).not.toContain("hunter2");
    }
  });

  test("any text is a proxy with a sensible port, or words", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseProxyUrl(text);
        if (typeof parsed === "string" || parsed.kind === "direct") return typeof parsed === "string";
        return parsed.host !== "" && parsed.port >= 1 && parsed.port <= 65_535 && !/[\s@/]/.test(parsed.host);
      }),
    );
  });

  test("is chosen by what is asked for, small letters first", async () => {
    const { choose, problems } = readEnvironmentProxies({
      https_proxy: "http://tls:1",
      HTTPS_PROXY: "http://shouted:1",
      HTTP_PROXY: "plain:2",
      NO_PROXY: "localhost,.corp.example",
    });
    expect(problems).toEqual([]);
    expect(await choose({ host: "a.example", port: 443 }, false)).toMatchObject([{ host: "tls" }]);
    expect(await choose({ host: "a.example", port: 22 }, false)).toMatchObject([{ host: "tls" }]);
    expect(await choose({ host: "a.example", port: 80 }, true)).toMatchObject([{ host: "plain" }]);
    expect(await choose({ host: "db.corp.example", port: 443 }, false)).toEqual([{ kind: "direct" }]);
    const all = readEnvironmentProxies({ ALL_PROXY: "socks5://all", http_proxy: "http://a:b@c" });
    expect(await all.choose({ host: "a", port: 443 }, false)).toEqual([{ kind: "socks5", host: "all", port: 1080 }]);
    expect(all.problems).toHaveLength(1);
    await expect(all.choose({ host: "a", port: 80 }, true)).rejects.toMatchObject({
      code: "DIAL_BACKEND_DOWN",
      detail: expect.stringMatching(/^http_proxy: it holds a login/) as string,
    });
    const broken = readEnvironmentProxies({ all_proxy: "socks4://a", no_proxy: "inner" });
    await expect(broken.choose({ host: "a", port: 443 }, false)).rejects.toMatchObject({ code: "DIAL_BACKEND_DOWN" });
    expect(await broken.choose({ host: "inner", port: 443 }, false)).toEqual([{ kind: "direct" }]);
    expect(await readEnvironmentProxies({}).choose({ host: "a", port: 443 }, false)).toEqual([{ kind: "direct" }]);
  });
});

describe("an exception", () => {
  test.each([
    ["corp.example", "corp.example", true],
    ["corp.example", "db.corp.example", true],
    ["corp.example", "evilcorp.example", false],
    [".corp.example", "corp.example", true],
    ["*.corp.example", "db.Corp.example", true],
    ["*", "anything", true],
    ["10.0.0.0/8", "10.1.2.3", true],
    ["10.0.0.0/8", "11.1.2.3", false],
    ["10.0.0.0/8", "10.example", false],
    ["fd00::/8", "fd12::1", true],
    ["[::1]:443", "::1", true],
    ["127.0.0.1", "127.0.0.1", true],
    ["corp.example:8080", "corp.example", false],
    ["10.0.0.0/99", "10.1.2.3", false],
    [" a , ,b ", "b", true],
    ["", "", false],
  ])("%s for %s: %s", (text, host, excepted) => {
    expect(parseNoProxy(text)(host, 443)).toBe(excepted);
  });

  test("of any text never throws", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(65_535), (text, host, port) => typeof parseNoProxy(text)(host, port) === "boolean"),
    );
  });
});

describe("what a PAC file returns", () => {
  test("becomes tries in order", () => {
    expect(parsePacResult("PROXY a:3128; socks b ;HTTPS [::1]:8443; SOCKS4 c:1; nonsense; DIRECT;")).toEqual([
      { kind: "http", host: "a", port: 3128 },
      { kind: "socks5", host: "b", port: 1080 },
      { kind: "https", host: "::1", port: 8443 },
      { kind: "direct" },
    ]);
    for (const nothing of [null, undefined, ""]) expect(parsePacResult(nothing)).toEqual([{ kind: "direct" }]);
    for (const odd of ["SOCKS4 a:1", "DIRECT to hell", "constructor x:1", 1, {}, "PROXY a:0"]) expect(parsePacResult(odd)).toBeUndefined();
  });

  test("of any text is at most a few tries, or nothing", () => {
    fc.assert(fc.property(fc.string(), (text) => (parsePacResult(text) ?? []).length <= 8));
    expect(parsePacResult("PROXY a:1;".repeat(1000))).toHaveLength(8);
  });
});
