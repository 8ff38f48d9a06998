import { describe, expect, it } from "vitest";
import { importOriginal, type Imported } from "../index.ts";
import { loadOk } from "../tools.suite.ts";

function imported(text: string): Extract<Imported, { readonly kind: "imported" }> {
  const result = importOriginal(text, "filter.acl");
  if (result.kind === "refused") throw new Error(`${result.line}:${result.column}: ${result.message}`);
  return result;
}

describe("an import", () => {
  it("says on top what it changed and why, and is written in the one layout", () => {
    const { text, notes } = imported(`policy git {
  when host =~ "^git\\.corp" and client.auth == "tls"
  require user.group in ["eng", "Finance"]
  action allow
}
policy no-wiki {
  when { host in ["wiki.corp.example", ".corp.example"] }
  require { device.trust >= 2 }
  action { redirect "https://wiki.new.example/" }
}
policy rest { action deny explain-template="templates/no.html" }
route paris { when host == "git.corp.example" use ["par01a", "par01b",] }
`);
    expect(text).toBe(`portail policy 1
# Imported from filter.acl: 3 policies, 1 routes.
# What was changed, by the lines of that file:
#   1: 'git': when the requirement fails, the next policy is asked (else next), as before
#   2: the expression "^git\\.corp" is looked for anywhere in the text; here an expression matches the whole
#   6: 'no-wiki': the requirement of a redirect is part of its condition, because that is what it did
#   7: ".corp.example" was left out: no host is spelled so, and as a pattern it would match more than it did
#   11: 'rest': the template "templates/no.html" is not used; write what the person should read as say "…"

attribute client.auth: string { source acl("client.auth") }
attribute user.group: string { source acl("user.group") }
policy git {
  when request.host =~ /(?:git\\.corp).*/ and client.auth == "tls"
  require user.group in ["eng", "Finance"] else next
  allow
}
policy no-wiki {
  when request.host in ["wiki.corp.example"] and device.trust >= 2
  redirect "https://wiki.new.example/"
}
policy rest {
  deny
}
route paris { when request.host == "git.corp.example" use ["par01a", "par01b"] }
`);
    expect(notes).toHaveLength(5);
    expect(loadOk(text).rules).toHaveLength(3);
  });

  it.each([
    ["policy p { when a == 1 }", 1, "has no action"],
    ["policy p { action allow } policy p { action deny }", 1, "is there twice"],
    ["policy p { when a == 1 when a == 2 action allow }", 1, "given twice"],
    ["route r { }", 1, "has no backend"],
    ['policy p { when a in ["x" "y"] action allow }', 1, "expected ','"],
    ['policy p {\n when a == 1 and a == "x"\n action allow }', 2, "compared as"],
    ['policy p {\n when 1 == "x"\n action allow }', 2, "never compared"],
    ["policy p { when host < 3 action allow }", 1, "'host' is a name"],
    ["# comment", 1, "expected 'policy' or 'route'"],
    ["git.corp.example user.group=eng -> allow", 1, "expected 'policy' or 'route'"],
  ])("refuses %j with its place", (text, line, message) => {
    const result = importOriginal(text, "x.acl");
    expect(result).toMatchObject({ kind: "refused", line });
    expect(result.kind === "refused" && result.message).toContain(message);
  });

  it("writes hosts as they are compared, and a link that is none as a deny", () => {
    const { text, notes } = imported('policy p { when host == "WIKI.Corp.Example." action redirect "/moved" }');
    expect(text).toContain('when request.host == "wiki.corp.example"\n  deny\n');
    expect(notes.map(({ message }) => message).join("\n")).toContain("one spelling");
  });
});
