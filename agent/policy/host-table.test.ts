import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHostMatcher, parseHostPattern } from "./expression/index.ts";
import { HostTable } from "./host-table.ts";
import { decide } from "./index.ts";
import { containing, factsOf, load, loadOk, sha256 } from "./policy.suite.ts";

const table = (...lines: string[]): HostTable => {
  const parsed = HostTable.parse(new TextEncoder().encode(lines.join("\n")));
  if (parsed.kind === "table") return parsed.table;
  throw new Error(`line ${parsed.line}: ${parsed.why}`);
};

const label = fc.constantFrom("a", "b", "corp", "x1", "4ever");
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `${labels.join(".")}.example`);
const pattern = fc.tuple(fc.constantFrom("", ".", "*.", "**."), name).map((parts) => parts.join(""));

describe("a large set of hosts", () => {
  it("answers like the matcher of small sets", () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 12 }), fc.array(name, { minLength: 1, maxLength: 10 }), (patterns, hosts) => {
        const small = createHostMatcher(
          patterns.flatMap((text) => {
            const parsed = parseHostPattern(text);
            return parsed.kind === "pattern" ? [parsed.pattern] : [];
          }),
        );
        const large = table(...patterns);
        for (const host of hosts) expect(large.matches(host), `${host} in ${patterns.join(" ")}`).toBe(small.matches(host));
      }),
      { numRuns: 500 },
    );
  });

  it("an address matches only itself", () => {
    const set = table("127.0.0.1", ".0.0.2", "::1");
    expect([set.matches("127.0.0.1"), set.matches("::1"), set.matches("9.0.0.2"), set.matches("0.0.2")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("blank lines, comments and foreign line ends are nothing", () => {
    const set = table("# bad hosts", "", "a.example\r", "  *.b.example  ");
    expect([set.size, set.matches("a.example"), set.matches("x.b.example"), set.matches("b.example")]).toEqual([2, true, true, false]);
  });

  it.each([
    ["Upper.example", "not lower case"],
    ["a..example", "an empty label"],
    ["a.example.", "a dot at the end"],
    ["*", "a letter"],
    [`${"a".repeat(64)}.example`, "63"],
    ["bücher.example", "a letter"],
    ["x".repeat(300), "not a host name"],
  ])("the entry %s is refused with its line", (entry, why) => {
    const parsed = HostTable.parse(new TextEncoder().encode(`ok.example\n${entry}`));
    expect(parsed).toMatchObject({ kind: "bad", line: 2, why: containing(why) });
  });

  it("bytes of any kind are answered", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const parsed = HostTable.parse(bytes);
        if (parsed.kind === "table") expect(parsed.table.matches("nobody.names.this.example")).toBe(false);
        else expect(parsed.why).not.toBe("");
      }),
    );
  });
});

describe("a set from a file", () => {
  const content = "bad.example\n.worse.example\n";
  const text = `portail policy 1\nset bad = hosts from "sha256:${sha256(content)}"\nguard g { when request.host in bad deny }\npolicy p { allow }`;

  it("is read by its hash and used like any other", () => {
    const policy = loadOk(text, { readSet: (reference) => (reference === `sha256:${sha256(content)}` ? content : undefined) });
    const outcome = (host: string) => decide(policy, factsOf(policy, { "request.host": host })).verdict.outcome;
    expect(["bad.example", "x.worse.example", "good.example"].map(outcome)).toEqual(["deny", "deny", "allow"]);
  });

  it("with another content than its hash is refused", () => {
    expect(load(text, { readSet: () => `${content}#` }).problems[0]).toMatchObject({ code: "E_SET", line: 2, column: 22 });
  });

  it("that nobody has is refused, and so is a reference that is no hash", () => {
    expect(load(text).problems[0]).toMatchObject({ code: "E_SET" });
    expect(load('portail policy 1\nset bad = hosts from "/etc/hosts"').problems[0]).toMatchObject({ code: "E_SET" });
  });

  it("of networks matches addresses", () => {
    const nets = "10.0.0.0/8\n# more\n2001:db8::/32\n";
    const policy = loadOk(
      `portail policy 1\nset inside = nets from "sha256:${sha256(nets)}"\npolicy p { when has(request.ip) and request.ip in inside allow }`,
      { readSet: () => new TextEncoder().encode(nets) },
    );
    const outcome = (ip: string) => decide(policy, factsOf(policy, { "request.host": ip, "request.ip": ip })).verdict.outcome;
    expect(["10.1.2.3", "2001:db8::1", "11.0.0.1"].map(outcome)).toEqual(["allow", "allow", "deny"]);
  });
});
