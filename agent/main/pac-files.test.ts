import { afterEach, expect, test } from "vitest";
import { createPacProxies, type ProxyWay } from "../dial/index.ts";
import { PacFiles } from "./pac-files.ts";
import { systemClock as clock } from "./system-clock.ts";

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const files = new PacFiles({ clock, logger });
afterEach(() => files.close());

const looked: string[] = [];
const resolve = (name: string) => {
  looked.push(name);
  return Promise.resolve(
    name === "db.corp.example"
      ? ({ kind: "resolved", addresses: ["::5", "10.1.2.3"] } as const)
      : ({ kind: "failed", code: "DIAL_NAME_NOT_FOUND", detail: "no" } as const),
  );
};

/** What a script says for a destination. */
const ask = async (script: string, host = "db.corp.example", port = 443, isPlain = false): Promise<readonly ProxyWay[] | string> => {
  const file = files.fileOf("corp", { kind: "file", path: "/proxy.pac" }, new Map([["/proxy.pac", script]]));
  const choose = createPacProxies({ clock, ask: (input) => file.ask(input), resolve, ownAddress: () => "192.0.2.7" });
  return choose({ host, port }, isPlain).catch((cause: Error) => cause.message);
};
const saying = (expression: string): string => `function FindProxyForURL(url, host) { return "PROXY " + (${expression}) + ":1"; }`;

test("a script gets the URL without its path, and the functions that browsers offer", async () => {
  const words: Readonly<Record<string, string>> = {
    'url == "https://db.corp.example/"': "true",
    'host == "db.corp.example"': "true",
    "isPlainHostName('intra') && !isPlainHostName(host)": "true",
    "dnsDomainIs(host, '.corp.example')": "true",
    "localHostOrDomainIs('www', 'www.corp.example')": "true",
    "shExpMatch(host, '*.corp.?xample') && !shExpMatch(host, '*.corp')": "true",
    "dnsDomainLevels(host)": "2",
    "myIpAddress()": "192.0.2.7",
    "dnsResolve(host)": "10.1.2.3",
    "isResolvable('nowhere.example')": "false",
    "isInNet(host, '10.0.0.0', '255.0.0.0') && !isInNet(host, '10.2.0.0', '255.255.0.0')": "true",
    "isInNet('192.0.2.1', '192.0.2.0', '255.255.255.0')": "true",
    "weekdayRange('SUN', 'SAT') && weekdayRange('SUN', 'SAT', 'GMT')": "true",
    "dateRange(1, 31) && dateRange('JAN', 'DEC') && dateRange(2000, 2999) && !dateRange(1999)": "true",
    "dateRange(1, 'JAN', 2000, 31, 'DEC', 2999)": "true",
    "timeRange(0, 23) && timeRange(0, 0, 23, 59) && timeRange(0, 0, 0, 23, 59, 59)": "true",
    "typeof process + typeof require + typeof fetch": "undefinedundefinedundefined",
  };
  for (const [expression, host] of Object.entries(words))
    expect(await ask(saying(expression)), expression).toEqual([{ kind: "http", host, port: 1 }]);
  expect(await ask(saying("url == 'http://a.example:8080/'"), "a.example", 8080, true)).toMatchObject([{ host: "true" }]);
});

test("names are looked up outside, each once, even where the script swallows the question", async () => {
  looked.length = 0;
  const script = `function FindProxyForURL(url, host) { var a = null; try { a = dnsResolve("one.example"); } catch (e) {} return isResolvable(host) ? "SOCKS5 s:1; DIRECT" : "DIRECT"; }`;
  expect(await ask(script)).toEqual([{ kind: "socks5", host: "s", port: 1 }, { kind: "direct" }]);
  expect(looked.toSorted()).toEqual(["db.corp.example", "one.example"]);
});

test("a script that is broken or hostile names no way, and says why", async () => {
  expect(await ask("function FindProxyForURL(")).toMatch(/the PAC file failed: /);
  expect(await ask("var FindProxyForURL = 1;")).toContain("the PAC file failed: FindProxyForURL is not a function");
  expect(await ask("function FindProxyForURL() { return 5; }")).toContain("names no proxy");
  expect(await ask("function FindProxyForURL() { return 'SOCKS4 a:1'; }")).toContain("names no proxy");
  expect(await ask("function FindProxyForURL() { return dnsResolve(Math.random() + '.example'); }")).toContain("without end");
  expect(await ask("function FindProxyForURL() { return eval('1'); }")).toContain("Code generation from strings disallowed");
  expect(await ask("function FindProxyForURL() {}")).toEqual([{ kind: "direct" }]);
});
