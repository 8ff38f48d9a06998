import { describe, expect, it } from "vitest";
import { cursorIn, Editor } from "./editor.suite.ts";

const head = `portail policy 1
attribute user.department: string { source oidc("department") }
set forges = hosts ["git.corp.example"]
let strong = user.amr.exists(m, m == "hwk")
guard abroad { when geo.country == "US" deny }
policy git-push {
  when request.host in forges
  require disk: device.disk.encrypted
  allow
}
break_glass incident { when true max 1h quorum 1 keys ["k"] }
fixture alice { user.sub: "alice" }
fixture a-laptop { device.id: "L" }
`;

/** The labels offered at the `|` of a text that follows a small policy. */
function offered(marked: string): readonly string[] {
  const { text, position } = cursorIn(head + marked);
  return Editor.on(text)
    .completions(position)
    .map(({ label }) => label);
}

describe("completion", () => {
  it("offers the first line in an empty file, and blocks afterwards", () => {
    const { text, position } = cursorIn("por|");
    expect(
      Editor.on(text)
        .completions(position)
        .map(({ label }) => label),
    ).toContain("portail policy 1");
    expect(offered("|")).toEqual(expect.arrayContaining(["guard", "policy", "test"]));
    expect(offered("|")).not.toContain("portail policy 1");
  });

  it.each([
    ["guard x { |", ["always", "when"]],
    ["guard x { when request.tls |", ["and", "or", "in", "not in", "allow", "deny", "redirect", "rewrite", "step_up", "challenge"]],
    ["guard x { when request.tls deny |", ["say", "help", "on_unknown"]],
    ["guard x { when request.tls deny on_unknown |", ["skip", "deny", "step_up"]],
    ["policy x { allow log |", ["none", "summary", "full"]],
    ["policy x { allow on_change |", ["keep", "drain", "close"]],
    ["policy x { require request.tls else |", ["deny", "step_up", "challenge", "redirect", "next"]],
    ["policy x { require request.tls else challenge |", ["confirm", "reason", "approve"]],
    ["policy x { require request.tls else step_up |", ["acr", "amr", "max_age"]],
    ["route x { |", ["when", "use"]],
    ["reveal x |", ["to"]],
    ["reveal x to |", ["user", "support", "audit_local", "audit_remote", "metrics"]],
    ["reveal x to user { show class(|", ["public", "internal", "personal", "secret"]],
    ["attribute a.b: string { class |", ["public", "internal", "personal", "secret"]],
    ["attribute a.b: string { |", ["source", "max_age", "stale", "fallback", "class", "optional"]],
    ["set x = |", ["hosts", "nets"]],
    ['test "t" { given |', ["alice", "a-laptop"]],
    ['test "t" { given alice, |', ["alice", "a-laptop"]],
    ['test "t" { given alice, { user.sub: | } }', ["true", "false", "unknown", "absent"]],
    ['test "t" { given alice expect |', ["allow", "deny", "redirect", "step_up", "challenge"]],
    ['test "t" { given alice expect allow by |', ["abroad", "git-push", "incident", "lifeline", "default"]],
    ['test "t" { given alice expect allow by git-pu|', ["abroad", "git-push", "incident", "lifeline", "default"]],
    ['test "t" { given alice expect deny by git-push needs |', ["disk"]],
    ['test "t" { given alice expect allow breakglass |', ["incident"]],
    ['test "t" { given alice expect allow |', ["by", "needs", "because_unknown", "via", "breakglass", "expect", "reveals", "hides"]],
    ['test "t" { given alice reveals |', ["user", "support", "audit_local", "audit_remote", "metrics"]],
  ])("after %s offers what may stand there and nothing else", (marked, labels) => {
    expect(offered(marked)).toEqual(labels);
  });

  it.each([
    ["guard x { when |", ["request.host", "user.department", "strong", "forges", "has", "not"]],
    ["policy x { when request.tls and |", ["request.host", "strong"]],
    ["policy x { require label: |", ["request.host", "strong"]],
    ["policy x { when user.groups.exists(g, |", ["g", "user.groups"]],
    ["policy x { when user.groups.|", ["user.groups.exists", "user.groups.join", "user.groups.size"]],
    ["policy x { when request.host.|", ["request.host.endsWith"]],
    ["policy x { when user.dep|", ["user.department"]],
    ["policy x { when |user.groups", ["request.host", "strong"]],
    ["let y = |", ["request.host", "strong"]],
    ["fixture f { |", ["request.host", "user.department"]],
    ['fixture f { user.sub: "a", |', ["request.host"]],
    ["attribute |", ["risk.score"]],
    ["reveal x to user { show |", ["decision.say", "request.host", "class"]],
    ['test "t" { given alice, { |', ["request.host"]],
    ['test "t" { given alice reveals user decision.say, |', ["decision.rule"]],
    ['test "t" { given alice expect deny because_unknown |', ["geo.country"]],
  ])("after %s offers %s among others", (marked, labels) => {
    expect(offered(marked)).toEqual(expect.arrayContaining(labels));
  });

  it.each(["# guard x { when |", 'policy x { deny say "when |', "guard |", "policy x { when user.auth_age < 8|", "lifeline x |"])(
    "offers nothing in %s",
    (marked) => {
      expect(offered(marked)).toEqual([]);
    },
  );

  it("never offers what only a reveal can name to a condition", () => {
    expect(offered("guard x { when |").filter((label) => label.startsWith("decision."))).toEqual([]);
  });

  it("replaces what is typed of the word and keeps what stands behind the cursor", () => {
    const { text, position } = cursorIn(`${head}guard x { when user.dep|xx }`);
    const item = Editor.on(text)
      .completions(position)
      .find(({ label }) => label === "user.department");
    expect(item?.textEdit).toEqual({
      newText: "user.department",
      range: { start: { line: 13, character: 15 }, end: { line: 13, character: 23 } },
    });
  });

  it("goes on behind a block that was never closed", () => {
    expect(offered("guard broken { when (((\npolicy x { when stro|")).toContain("strong");
  });

  const written: Readonly<Record<string, string>> = {
    log: "log full",
    for: "for 1h",
    on_change: "on_change drain",
    say: 'say "s"',
    help: 'help "https://help.example"',
    hold: "hold 60s",
    require: "require request.tls",
    on_unknown: "on_unknown deny",
    always: "always when request.tls deny",
    when: "when request.tls deny",
    source: "source x",
    max_age: "max_age 1h",
    stale: "max_age 2h stale 1h",
    fallback: 'fallback "x"',
    class: "class internal",
    optional: "optional",
    by: "by git-push",
    needs: "needs disk",
    because_unknown: "because_unknown geo.country",
    via: 'via ["x"]',
    breakglass: "breakglass incident",
    expect: "expect deny",
    reveals: "reveals user decision.say",
    hides: "hides user decision.say",
  };

  it.each([
    ["policy x { allow |", " }"],
    ['policy x { rewrite "a.example:1" |', " }"],
    ["policy x { deny |", " }"],
    ['policy x { redirect "https://a.example" |', " }"],
    ['policy x { step_up amr "hwk" |', " }"],
    ["policy x { challenge confirm |", " }"],
    ["policy x { when request.tls |", " allow }"],
    ["policy x { require request.tls |", " allow }"],
    ["policy x { require request.tls else next |", " allow }"],
    ["policy x { require request.tls else deny |", " allow }"],
    ['policy x { require request.tls else deny say "s" require request.direct |', " allow }"],
    ["guard x { |", " }"],
    ["guard x { when request.tls deny |", " }"],
    ["attribute a.b: string { |", " }"],
    ['test "t" { given alice expect deny |', " }"],
  ])("the parser takes whatever is offered after %s", (marked, rest) => {
    const words = offered(marked).filter((word) => written[word] !== undefined);
    expect(words.length).toBeGreaterThan(0);
    for (const word of words) {
      const { diagnostics } = Editor.on(head + marked.replace("|", written[word] ?? "") + rest);
      expect(
        diagnostics.filter(({ severity }) => severity === 1),
        word,
      ).toEqual([]);
    }
  });
});
