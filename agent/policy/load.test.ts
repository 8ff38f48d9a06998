import { describe, expect, it } from "vitest";
import { containing, load, policyOf, sha256 } from "./policy.suite.ts";

/** `line:column CODE` of each problem of a text without its first line, which is line 1. */
const places = (blocks: string): string[] =>
  load(`portail policy 1\n${blocks}`).problems.map(({ line, column, code }) => `${line}:${column} ${code}`);
const first = (blocks: string) => load(`portail policy 1\n${blocks}`).problems[0];

describe("problems of a policy", () => {
  it("an unknown attribute is named with its place, carets and a suggestion", () => {
    expect(first("policy p { when device.disk.encrypt allow }")).toEqual({
      file: "x.portail",
      line: 2,
      column: 17,
      endColumn: 36,
      severity: "error",
      code: "E_UNKNOWN_ATTR",
      message: containing("device.disk.encrypt"),
      hint: containing("device.disk.encrypted"),
      excerpt: `policy p { when device.disk.encrypt allow }\n${" ".repeat(16)}${"^".repeat(19)}`,
    });
  });

  it("all mistakes are told at once, in the order of the text", () => {
    const text = [
      "policy a { when nope allow }",
      "policy b { deny deny }",
      "guard c { when true allow }",
      "polcy d { allow }",
      "policy a { allow }",
    ];
    expect(places(text.join("\n"))).toEqual(["2:17 E_UNKNOWN_ATTR", "3:17 E_SYNTAX", "4:21 E_ACTION", "5:1 E_SYNTAX", "6:8 E_DUPLICATE"]);
  });

  it.each([
    ["the first line is missing", "policy p { allow }", "1:1 E_SYNTAX"],
    ["the version is not known", "portail policy 2", "1:16 E_SYNTAX"],
  ])("%s", (_, text, place) => {
    expect(load(text).problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([place]);
  });

  it.each([
    ["two rules with one name, of different kinds", "guard a { when true deny }\npolicy a { allow }", "3:8 E_DUPLICATE"],
    ["a guard that allows", "guard g { when request.tls allow }", "2:28 E_ACTION"],
    ["an allow behind else", "policy p { require request.tls else allow allow }", "2:37 E_SYNTAX"],
    ["an option that an action does not take", "policy p { deny log full }", "2:17 E_SYNTAX"],
    ["an option given twice", "policy p { allow log full log none }", "2:27 E_SYNTAX"],
    ["a word that is no setting", "policy p { allow constructor }", "2:18 E_SYNTAX"],
    ["two requirements with one label", "policy p { require a: request.tls require a: request.tls allow }", "2:43 E_DUPLICATE"],
    ["a redirect that is no web link", 'policy p { redirect "javascript:alert(1)" }', "2:21 E_TARGET"],
    ["a rewrite without a port", 'policy p { rewrite "host" }', "2:20 E_TARGET"],
    ["a declared attribute without a type", "attribute user.department { }", "2:11 E_ATTRIBUTE"],
    ["another type for a built-in attribute", "attribute risk.score: string { }", "2:23 E_ATTRIBUTE"],
    ["a fallback of another type", 'attribute risk.score { fallback "high" }', "2:33 E_VALUE"],
    ["an attribute of the decision", "attribute decision.rule { }", "2:11 E_ATTRIBUTE"],
    ["stale without max_age", "attribute risk.score { stale 4h }", "2:11 E_ATTRIBUTE"],
    ["an unknown class", "attribute risk.score { class secrt }", "2:30 E_CLASS"],
    ["an unknown audience", "reveal r to users { show * }", "2:13 E_AUDIENCE"],
    ["an unknown attribute in a reveal", "reveal r to user { show user.mail }", "2:25 E_UNKNOWN_ATTR"],
    ["an unknown fixture", 'test "t" { given alice expect allow }', "2:18 E_UNKNOWN_NAME"],
    ["an unknown rule in a test", 'test "t" { expect allow by nobody }', "2:28 E_UNKNOWN_NAME"],
    ["an unknown outcome in a test", 'test "t" { expect alow }', "2:19 E_UNKNOWN_NAME"],
    ["a test that expects nothing", 'test "t" { given { request.port: 1 } }', "2:6 E_VALUE"],
    ["a value of another type in a test", 'test "t" { given { request.port: "1" } expect deny }', "2:34 E_VALUE"],
    ["an absent value of what is not optional", 'test "t" { given { request.port: absent } expect deny }', "2:34 E_VALUE"],
    ["a quorum that cannot be reached", 'break_glass b { when true max 4h quorum 3 keys ["a", "b"] }', "2:13 E_BREAK_GLASS"],
    ["a scope that lasts too long", 'break_glass b { when true max 25h quorum 1 keys ["a"] }', "2:13 E_BREAK_GLASS"],
    ["a scope without keys", "break_glass b { when true max 4h quorum 1 }", "2:13 E_SYNTAX"],
    ["an entry that is no host pattern", 'set s = hosts ["Corp.example"]', "2:16 E_HOST_PATTERN"],
    ["an entry that is no network", 'set s = nets ["10.0.0.1/8"]', "2:15 E_NET_PATTERN"],
    ["a lifeline without a port", 'lifeline l "sso.corp.example"', "2:12 E_TARGET"],
    ["skip without a reason", "guard g { when request.tls deny on_unknown skip }", "2:49 E_SYNTAX"],
  ])("%s is an error at its place", (_, blocks, place) => {
    const errors = load(`portail policy 1\n${blocks}`).problems.filter(({ severity }) => severity === "error");
    expect(errors.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([place]);
  });
});

describe("warnings of a policy", () => {
  const warning = [
    ["W_FALLBACK", "attribute risk.score { fallback 50 }"],
    ["W_SKIP", 'guard g { when risk.score > 5 deny on_unknown skip because "it is optional here" }'],
    ["W_ORACLE", "reveal r to user { when risk.score > 5 show decision.rule }"],
    ["W_UNUSED", 'set s = ["a"]'],
    ["W_UNUSED", "let l = request.tls"],
    ["W_UNUSED", "fixture f { request.tls: true }"],
    ["W_UNREACHABLE", "policy p { allow }\npolicy q { deny }"],
  ] as const;

  it.each(warning)("%s is told and leaves the policy usable", (code, blocks) => {
    const { policy, problems } = load(`portail policy 1\n${blocks}`);
    expect(policy).toBeDefined();
    expect(problems.map((problem) => [problem.severity, problem.code])).toEqual([["warning", code]]);
  });

  it.each(warning)("%s is silenced by a comment on the line above, and only by its own code", (code, blocks) => {
    const lines = blocks.split("\n");
    const withComment = (comment: string): string => [...lines.slice(0, -1), comment, lines.at(-1)].join("\n");
    expect(places(withComment(`# portail: allow ${code}`))).toEqual([]);
    expect(places(withComment("# portail: allow W_OTHER"))).toHaveLength(1);
  });

  it("an error cannot be silenced", () => {
    expect(places("# portail: allow E_UNKNOWN_ATTR\npolicy p { when nope allow }")).toEqual(["3:17 E_UNKNOWN_ATTR"]);
  });
});

describe("lifelines", () => {
  const lifeline = 'lifeline idp "sso.corp.example:443"\n';

  it("a guard marked always that could act on one is refused at load", () => {
    expect(first(`${lifeline}guard g { always when geo.country == "US" deny }`)).toMatchObject({ code: "E_LIFELINE_CUT", line: 2 });
    expect(first(`${lifeline}guard g { always when request.host in [".example"] and risk.score > 5 deny }`)).toMatchObject({
      code: "E_LIFELINE_CUT",
    });
  });

  it("a guard marked always that is plainly false for it is fine, and so is any other guard", () => {
    expect(places(`${lifeline}guard g { always when request.host in [".evil.example"] deny }`)).toEqual([]);
    expect(places(`${lifeline}guard g { when geo.country == "US" deny }`)).toEqual([]);
  });

  it("there are at most sixteen", () => {
    const many = Array.from({ length: 17 }, (_, i) => `lifeline l${i} "h${i}.example:443"`).join("\n");
    expect(places(many)).toEqual(["18:1 E_LIFELINE"]);
  });
});

describe("what a loaded policy tells of itself", () => {
  it("its rules with lines and actions, without their sentences", () => {
    const policy = policyOf(
      'guard g {\n  when request.tls deny say "No \\"TLS\\"." help "https://x.example"\n}\npolicy p { allow  log full\n on_change drain }',
    );
    expect(policy.rules.map(({ rule, action }) => [rule.kind, rule.name, rule.line, action])).toEqual([
      ["guard", "g", 2, "deny"],
      ["policy", "p", 5, "allow log full on_change drain"],
    ]);
    expect(policy.digest).toBe(sha256(policy.text));
  });

  it("its vocabulary with what attribute blocks refine", () => {
    const policy = policyOf('attribute user.department: string { source oidc("department") max_age 1h stale 1d class personal optional }');
    expect(policy.attributes.get("user.department")).toEqual({
      path: "user.department",
      type: "string",
      optional: true,
      class: "personal",
      group: "declared",
      source: { name: "oidc", argument: "department" },
      maxAgeMs: 3_600_000,
      staleMs: 86_400_000,
      line: 2,
    });
    expect(policy.attributes.get("request.headers")).toMatchObject({ type: "map<string, string>", class: "secret", optional: true });
  });
});
