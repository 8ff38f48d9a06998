import { describe, expect, it } from "vitest";
import {
  checkExpression,
  createHostMatcher,
  createNetMatcher,
  limits,
  listOf,
  MapEnvironment,
  mapOf,
  necessaryHosts,
  parseHostPattern,
  parseNetPattern,
  parseWholeExpression,
  type Problem,
  referencesOf,
  TokenStream,
  parseExpression,
  type Type,
  types,
} from "./index.ts";

const environment = new MapEnvironment([
  ["request.host", { type: types.host, optional: false }],
  ["request.port", { type: types.int, optional: false }],
  ["request.ip", { type: types.ip, optional: true }],
  ["request.sni", { type: types.host, optional: true }],
  ["request.method", { type: types.string, optional: true }],
  ["request.headers", { type: mapOf(types.string, types.string), optional: true }],
  ["user.groups", { type: listOf(types.string), optional: false }],
  ["user.amr", { type: listOf(types.string), optional: false }],
  ["device.disk.encrypted", { type: types.bool, optional: false }],
  ["device.patch_age", { type: types.duration, optional: false }],
  ["device.os.version", { type: types.version, optional: false }],
  ["time.now", { type: types.timestamp, optional: false }],
]);
const pattern = parseHostPattern(".corp.example");
environment.sets.set("forges", {
  kind: "hosts",
  matcher: createHostMatcher(pattern.kind === "pattern" ? [pattern.pattern] : []),
  patterns: [".corp.example"],
});
environment.sets.set("offices", { kind: "nets", matcher: createNetMatcher([parseNetPattern("10.0.0.0/8")].flatMap((one) => one ?? [])) });
environment.sets.set("countries", { kind: "values", type: types.string, values: new Set(["FR"]) });
addLet("strong", 'user.amr.exists(m, m in ["hwk"])');
addLet("git", 'request.host in [".git.example"]');

function addLet(name: string, source: string): void {
  const { expression } = parseWholeExpression(source);
  const result = expression && checkExpression(expression, environment);
  if (result?.kind === "checked") environment.lets.set(name, result.checked);
}

function check(source: string, expected?: Type): readonly Problem[] {
  const { expression, stream } = parseWholeExpression(source);
  if (expression === undefined) return stream.problems;
  const result = checkExpression(expression, environment, expected);
  return result.kind === "refused" ? result.problems : [];
}

const good = [
  "request.host in forges and request.port == 22",
  'request.host not in [".corp.example", "10.0.0.1", "::1"]',
  'has(request.ip) and request.ip in ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"]',
  "has(request.ip) and (request.ip in offices or request.ip.isLoopback())",
  'has(request.ip) and cidr("10.0.0.0/8").containsIP(request.ip)',
  "has(request.sni) and request.sni == request.host",
  'not has(request.sni) or request.sni == "a.b"',
  'has(request.sni) ? request.sni == "a.b" : true',
  'not (has(request.sni) and request.sni == "a.b")',
  '(request.method ?? "GET") == "GET"',
  'request.method ?? "GET" == "GET"',
  'has(request.headers.accept) and request.headers.accept.startsWith("text/")',
  'request.headers["x-a"] ?? "" != ""',
  "device.patch_age <= 14d and device.patch_age > -1h30m",
  'device.os.version >= "14.2" and device.os.version != version("15")',
  'time.now > timestamp("2026-01-01T00:00:00Z") + 30d',
  "strong and git",
  "request.host =~ /(git|svn)\\.corp\\.example/",
  'request.host.endsWith(".corp.example") and size(request.host) < 30',
  '"FR" in countries',
  '"eng" in user.groups',
  'user.groups.exists(g, g.startsWith("eng-") and g.substring(4) in user.amr)',
  'user.groups.filter(g, g != "all").size() > 2',
  'ip.isCanonical("10.0.0.1") and isIP("::1")',
];

/** Source, code, the piece of the text that is pointed at, and words of message or hint. */
const bad: readonly (readonly [string, string, string, RegExp])[] = [
  ["device.disk.encrypt", "E_UNKNOWN_ATTR", "device.disk.encrypt", /did you mean 'device\.disk\.encrypted'/],
  ["device.disk", "E_UNKNOWN_ATTR", "device.disk", /group: device\.disk\.encrypted/],
  ["device.disk.encrypted and usr.groups == []", "E_UNKNOWN_ATTR", "usr.groups", /'user\.groups'/],
  ["forgs", "E_UNKNOWN_ATTR", "forgs", /'forges'/],
  ["forges", "E_TYPE", "forges", /x in forges/],
  ["request.port.x", "E_TYPE", "request.port.x", /no field/],
  ['request.sni == "a.b"', "E_OPTIONAL_UNGUARDED", "request.sni", /has\(request\.sni\)/],
  ['has(request.sni) or request.sni == "a.b"', "E_OPTIONAL_UNGUARDED", "request.sni", /absent/],
  ['request.sni == "a.b" and has(request.sni)', "E_OPTIONAL_UNGUARDED", "request.sni", /absent/],
  ['not has(request.sni) and request.sni == "a.b"', "E_OPTIONAL_UNGUARDED", "request.sni", /absent/],
  ['has(request.sni) ? true : request.sni == "a.b"', "E_OPTIONAL_UNGUARDED", "request.sni", /absent/],
  ['not (has(request.sni) or request.port == 1) or request.sni == "a.b"', "E_OPTIONAL_UNGUARDED", "request.sni", /absent/],
  ["has(request.port)", "E_NEVER_ABSENT", "has(request.port)", /fallback/],
  ["request.port ?? 1 == 1", "E_NEVER_ABSENT", "request.port", /unknown, not absent/],
  ['request.host == "*.corp.example"', "E_HOST_PATTERN", '"*.corp.example"', /write 'in \["\*\.corp\.example"\]'/],
  ['request.host == "GIT.corp.example"', "E_HOST_PATTERN", '"GIT.corp.example"', /git\.corp\.example/],
  ['request.host in ["a.b", "Corp.Example."]', "E_HOST_PATTERN", '"Corp.Example."', /write 'corp\.example'/],
  ['request.host in ["10.0.0.0/8"]', "E_HOST_PATTERN", '"10.0.0.0/8"', /request\.ip/],
  ['request.host in ["a.*.b"]', "E_HOST_PATTERN", '"a.*.b"', /patterns are/],
  ['has(request.ip) and request.ip in ["10.0.0.1/8"]', "E_NET_PATTERN", '"10.0.0.1/8"', /behind the prefix/],
  ['has(request.ip) and request.ip == "10.0.0.0/8"', "E_NET_PATTERN", '"10.0.0.0/8"', /in \['10/],
  ["request.port == 22.0", "E_TYPE", "request.port == 22.0", /double\(x\)/],
  ["device.patch_age <= 14", "E_TYPE", "device.patch_age <= 14", /14d/],
  ["not request.host in forges", "E_TYPE", "request.host", /x not in y/],
  ["request.port", "E_TYPE", "request.port", /expected bool, this is int/],
  ['user.groups == "eng"', "E_TYPE", 'user.groups == "eng"', /'in'/],
  ['"a" in "abc"', "E_TYPE", '"abc"', /contains/],
  ["request.port in forges", "E_TYPE", "request.port in forges", /set of host/],
  ["request.host in user.groups", "E_TYPE", "request.host in user.groups", /string\(x\)/],
  ['[1, "a"] == [1]', "E_TYPE", '"a"', /one type/],
  ['{"a": 1, "a": 2} == {"a": 1}', "E_LITERAL", '"a"', /twice/],
  ["user.groups.any(g, true)", "E_UNKNOWN_FUNCTION", "user.groups.any(g, true)", /no method/],
  ['"a".startWith("a")', "E_UNKNOWN_FUNCTION", '"a".startWith("a")', /'startsWith'/],
  ['"a".startsWith(1)', "E_TYPE", '"a".startsWith(1)', /string\.startsWith\(string\) -> bool/],
  ['request.host =~ "a(b"', "E_REGEX", '"a(b"', /wrong/],
  ["request.host =~ request.host", "E_REGEX", "request.host", /written out/],
  ['"a".matches("(?=b)")', "E_REGEX", '"(?=b)"', /wrong/],
  ['timestamp("yesterday") < time.now', "E_LITERAL", 'timestamp("yesterday")', /RFC 3339/],
  ['device.os.version > "new"', "E_LITERAL", '"new"', /14\.2\.1/],
  ["user.groups.all(a, user.groups.all(b, user.groups.all(c, a == b)))", "E_COST", "user.groups.all(c, a == b)", /let/],
  [
    'user.groups.all(a, user.groups.all(b, a + "x" + b in ["y"] and a != b))',
    "E_COST",
    'user.groups.all(a, user.groups.all(b, a + "x" + b in ["y"] and a != b))',
    /20000/,
  ],
  ["request.port == 9007199254740992", "E_LITERAL", "9007199254740992", /2\^53/],
  ["request.port == 22u", "E_LITERAL", "22u", /unsigned/],
  ["request.method == null", "E_SYNTAX", "null", /has\(x\)/],
  ["request.port = 22", "E_SYNTAX", "=", /end of the expression/],
  ['request.host == "a', "E_LITERAL", '"a', /closing/],
  ["(request.port == 22", "E_SYNTAX", "", /'\)'/],
  ["14days < device.patch_age", "E_LITERAL", "14days", /14d/],
];

describe("the checker", () => {
  for (const source of good) {
    it(`accepts ${source}`, () => expect(check(source, types.bool)).toEqual([]));
  }
  for (const [source, code, piece, words] of bad) {
    it(`refuses ${source} with ${code} at ${piece}`, () => {
      const [problem, ...more] = check(source, types.bool);
      expect(more).toEqual([]);
      expect(problem && { code: problem.code, piece: source.slice(problem.offset, problem.offset + problem.length) }).toEqual({
        code,
        piece,
      });
      expect(`${problem?.message ?? ""} / ${problem?.hint ?? ""}`).toMatch(words);
    });
  }

  it("tells all mistakes at once", () => {
    expect(check("usr.groups == [] and device.disk.encrypt").map(({ code }) => code)).toEqual(["E_UNKNOWN_ATTR", "E_UNKNOWN_ATTR"]);
  });

  it("bounds nesting, arguments and lists", () => {
    const deep = `${"(".repeat(limits.depth + 1)}1${")".repeat(limits.depth + 1)}`;
    expect(check(deep)[0]?.code).toBe("E_LIMIT");
    expect(check(`${"(".repeat(limits.depth - 2)}true${")".repeat(limits.depth - 2)}`)).toEqual([]);
    expect(check(`size(${"1,".repeat(limits.callArguments)}1)`)[0]?.code).toBe("E_LIMIT");
    expect(check(`[${"1,".repeat(limits.literalEntries)}1] == []`)[0]?.code).toBe("E_LIMIT");
    expect(check(`"" =~ /${"a".repeat(limits.regexLength + 1)}/`)[0]?.message).toMatch(/1000 characters/);
  });
});

describe("one cursor for two parsers", () => {
  it("stops an expression before a word that cannot continue it", () => {
    const stream = new TokenStream('request.host in forges and request.port == 22 require member: "eng" in user.groups else deny');
    expect(parseExpression(stream)?.kind).toBe("and");
    expect(stream.accept("require")).toBeDefined();
    expect(stream.acceptName()?.text).toBe("member");
    expect(stream.accept(":")).toBeDefined();
    expect(parseExpression(stream)?.kind).toBe("binary");
    expect(stream.is("else")).toBe(true);
    expect(stream.problems).toEqual([]);
  });

  it("reads names with hyphens, and the same text as a difference in an expression", () => {
    expect(new TokenStream("git-push-2 {").acceptName()?.text).toBe("git-push-2");
    expect(parseExpression(new TokenStream("a-b"))).toMatchObject({ kind: "binary", operator: "-" });
  });

  it("keeps comments, and knows a regular expression from a division", () => {
    const stream = new TokenStream("a / b # half\n and x =~ /a b#c/ // end");
    expect(parseExpression(stream)).toMatchObject({
      kind: "and",
      items: [{ operator: "/" }, { operator: "=~", right: { kind: "regex", value: "a b#c" } }],
    });
    expect(stream.peek().kind).toBe("end");
    expect(stream.comments.map(({ text }) => text)).toEqual(["# half", "// end"]);
  });
});

describe("what an expression refers to", () => {
  const checkedOf = (source: string) => {
    const { expression } = parseWholeExpression(source);
    const result = expression && checkExpression(expression, environment);
    if (result?.kind !== "checked") throw new Error(source);
    return result.checked;
  };

  it("are its attributes, also those behind lets, its lets and its sets", () => {
    expect(
      referencesOf(checkedOf('strong and request.host in forges and has(request.ip) and request.ip in offices and "FR" in countries')),
    ).toEqual({
      attributes: ["user.amr", "request.host", "request.ip"],
      lets: ["strong"],
      sets: ["forges", "offices", "countries"],
    });
  });

  const necessary: readonly (readonly [string, readonly string[] | "any"])[] = [
    ['request.host == "a.b"', ["a.b"]],
    ['"a.b" == request.host', ["a.b"]],
    ["request.host in forges", [".corp.example"]],
    ["git", [".git.example"]],
    ['request.host in ["a.b", "*.c.d"] and request.port == 22', ["a.b", "*.c.d"]],
    ['request.host in ["a.b", "*.c.d"] and request.host == "a.b"', ["a.b"]],
    ['request.host == "a.b" or request.host in forges', ["a.b", ".corp.example"]],
    ['request.host == "a.b" or request.port == 1', "any"],
    ['request.host.endsWith(".a.b")', ["**.a.b"]],
    ['request.host.endsWith("x.a.b")', ["**.a.b"]],
    ['request.host.endsWith("ab")', "any"],
    ["request.host =~ /.*\\.corp\\.example/", ["**.corp.example"]],
    ["request.host =~ /(a|b)\\.corp\\.example/", "any"],
    ["request.host =~ /(?i).*\\.corp\\.example/", "any"],
    ["request.host =~ /a[b\\.c]/", "any"],
    ["request.host =~ /.*\\.a\\.b?/", "any"],
    ['not (request.host == "a.b")', "any"],
    ['request.host != "a.b"', "any"],
    ['request.port == 1 ? request.host == "a.b" : request.host == "c.d"', "any"],
    ["false", []],
  ];
  for (const [source, patterns] of necessary) {
    it(`${source} needs ${typeof patterns === "string" ? patterns : patterns.join(" or ")}`, () => {
      expect(necessaryHosts(checkedOf(source))).toEqual(patterns);
    });
  }
});
