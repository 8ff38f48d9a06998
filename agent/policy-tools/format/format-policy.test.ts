import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { formatPolicy } from "../index.ts";
import { bareTree, loadText } from "../tools.suite.ts";

const shipped = (name: string) => readFileSync(resolve(import.meta.dirname, "../../../resources/policies", `${name}.portail`), "utf8");

function formatted(text: string): string {
  const result = formatPolicy(text);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.problems));
  return result.text;
}

describe("one layout", () => {
  it.each(["small", "agency", "default"])("says the same as %s.portail, keeps every comment, and is its own layout", (name) => {
    const text = shipped(name);
    const once = formatted(text);
    expect(bareTree(once)).toEqual(bareTree(text));
    expect(formatted(once)).toBe(once);
    for (const comment of text.match(/^\s*#.*$/gm) ?? []) expect(once).toContain(comment.trim());
    expect(once.split("\n").filter((line) => line.length > 120 && !line.trimStart().startsWith("#"))).toEqual([]);
    expect(loadText(once).problems.map(({ code }) => code)).toEqual(loadText(text).problems.map(({ code }) => code));
  });

  it("writes words, order and spaces in one way", () => {
    const text = `portail   policy 1 policy a{when(request.port==1||request.port==2)&&!(device.managed)
      require device.managed else deny require x:device.trust>=1 say 'no' allow on_change close log full for 60m}`;
    expect(formatted(text)).toBe(`portail policy 1
policy a {
  when (request.port == 1 or request.port == 2) and not device.managed
  require device.managed
  require x: device.trust >= 1 else deny say "no"
  allow log full for 1h on_change close
}
`);
  });

  it("breaks a long condition at its outermost connective, a longer one at its brackets and lists", () => {
    const hosts = Array.from({ length: 6 }, (_, index) => `"server-${index}.corp.example"`).join(", ");
    const text = `portail policy 1\npolicy a { when request.host in [${hosts}] and (device.managed or "administrators" in user.groups) and request.port == 443 allow }`;
    expect(formatted(text)).toBe(`portail policy 1
policy a {
  when request.host in [
    "server-0.corp.example",
    "server-1.corp.example",
    "server-2.corp.example",
    "server-3.corp.example",
    "server-4.corp.example",
    "server-5.corp.example"
  ]
    and (device.managed or "administrators" in user.groups)
    and request.port == 443
  allow
}
`);
  });

  it("leaves comments where they stood", () => {
    const text = `# first
portail policy 1   # the language

set s = hosts [ "a.example", # why a
  # b is next
  "b.example" ] # both


policy p { # opens
  # before
  when request.host in s # here
    and # odd place
    device.managed
  allow # so be it
  # last inside
} # closes
# end`;
    const once = formatted(text);
    expect(once).toBe(`# first
portail policy 1  # the language

set s = hosts [
  "a.example",  # why a
  # b is next
  "b.example",
]  # both

policy p {  # opens
  # before
  when request.host in s  # here
    # odd place
    and device.managed
  allow  # so be it
  # last inside
}  # closes
# end
`);
    expect(formatted(once)).toBe(once);
  });

  it("keeps a silenced warning silenced", () => {
    const text = `portail policy 1
# portail: allow W_SKIP
guard g { when geo.country == "FR" deny on_unknown skip because "the source is young" }
policy p { allow }`;
    expect(loadText(text).problems).toEqual([]);
    expect(loadText(formatted(text)).problems).toEqual([]);
  });

  it("leaves a text alone that it cannot read", () => {
    expect(formatPolicy("portail policy 1\npolicy {").kind).toBe("refused");
  });
});
