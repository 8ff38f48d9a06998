import { describe, expect, it } from "vitest";
import { cursorIn, Editor } from "./editor.suite.ts";

const head = `portail policy 1
attribute risk.score { source risk("scorer") max_age 15m stale 4h fallback 50 }
attribute user.department: string { source oidc("department") class personal optional }
set forges = hosts ["git.corp.example"]
let strong = user.amr.exists(m, m == "hwk")
guard risky { when risk.score >= 80 deny }
policy git-push { when request.host in forges and strong require key: device.key.hardware allow log full }
fixture alice { user.sub: "alice" }
`;

function told(marked: string): string | undefined {
  const { text, position } = cursorIn(head + marked);
  return Editor.on(text).hover(position)?.contents.value;
}

describe("hover", () => {
  it("tells type, class, source, age limits and fallback of an attribute", () => {
    expect(told("policy x { when risk.sc|ore > 1 deny }")).toBe(
      '```portail\nrisk.score: int\n```\n\nBuilt in, refined here; class **internal**; source **risk("scorer")**; at most 15m old; stale for 4h more, then unknown.\n\nWhile it is unknown, rules see `50`.',
    );
  });

  it("says that an attribute is optional and how to guard it", () => {
    expect(told('policy x { when user.depart|ment == "a" deny }')).toMatch(
      /Declared here; class \*\*personal\*\*.*\n\nOptional: .*has\(\)/s,
    );
  });

  it.each([
    ["policy x { when us|er.amr.size() > 1 deny }", "user.amr: list<string>"],
    ["policy x { when user.a|mr.size() > 1 deny }", "user.amr: list<string>"],
    ["policy x { when user.amr.si|ze() > 1 deny }", "list.size() -> int"],
    ["policy x { when user.amr.exi|sts(m, true) deny }", "list.exists(x, condition) -> bool"],
    ["policy x { when ha|s(request.sni) deny }", "has(attribute) -> bool"],
    ["policy x { when stro|ng deny }", 'let strong = user.amr.exists(m, m == "hwk")'],
    ["policy x { when request.host in for|ges deny }", 'set forges = hosts ["git.corp.example"]'],
    ['test "t" { given al|ice expect deny }', 'fixture alice { user.sub: "alice" }'],
    ['test "t" { expect deny by git-p|ush }', "allow log full"],
    ['test "t" { expect deny by git-push needs k|ey }', "require key: device.key.hardware"],
    ["policy ow|n { deny }", "policy own { deny }"],
    ["policy x { wh|en true deny }", "**when**"],
    ["policy x { when true de|ny }", "Refuses the connection."],
    ["gu|ard x { when true deny }", "All guards are looked at"],
    ["reveal r to user { show decision.s|ay }", "only a `reveal` can name it"],
  ])("of %s tells %s", (marked, part) => {
    expect(told(marked)).toContain(part);
  });

  it("covers the whole attribute, whichever part is touched", () => {
    const { text, position } = cursorIn(`${head}policy x { when us|er.amr.size() > 1 deny }`);
    expect(Editor.on(text).hover(position)?.range).toEqual({ start: { line: 8, character: 16 }, end: { line: 8, character: 24 } });
  });

  it.each(["# wh|en", 'policy x { deny say "al|low" }', "policy x { when 1|2 == 12 deny }", "policy x { when nob|ody deny }"])(
    "is silent in %s",
    (marked) => {
      expect(told(marked)).toBeUndefined();
    },
  );

  it("shows a text that tries to leave its fence as the text that it is", () => {
    const value = told("let tric|ky = '```' == '````'\n");
    expect(value).toMatch(/^`````portail\n/);
  });
});
