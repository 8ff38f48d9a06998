import fc from "fast-check";
import { expect, test } from "vitest";
import { fakePolicyText } from "../bridge/fake/fake-policy.ts";
import { tokensOf } from "./policy-tokens.ts";

test("the pieces of any text are that text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
      const tokens = tokensOf(text);
      expect(tokens.map((token) => token.text).join("")).toBe(text);
      expect(tokens.every((token) => token.text !== "")).toBe(true);
    }),
  );
});

test("words of the language, names and values are told apart", () => {
  const kindOf = (text: string, wanted: string) => tokensOf(text).find((token) => token.text === wanted)?.kind;
  const rule = 'require member: "eng" in user.groups else deny # why';
  expect(kindOf(rule, "require")).toBe("word");
  expect(kindOf(rule, "member:")).toBe("label");
  expect(kindOf(rule, '"eng"')).toBe("text");
  expect(kindOf(rule, "user.groups")).toBe("attribute");
  expect(kindOf(rule, "deny")).toBe("outcome");
  expect(kindOf(rule, "# why")).toBe("comment");
  expect(kindOf("policy allow-all { for 8h }", "8h")).toBe("number");
  expect(kindOf('client.exe.endsWith("/curl")', "client.exe")).toBe("attribute");
  expect(kindOf("acme.level: 3", "acme.level")).toBe("attribute");
  expect(kindOf("request.path =~ /a#b\\/c/ and x", "/a#b\\/c/")).toBe("text");
  expect(kindOf("user.sub == 'a#b' // why", "'a#b'")).toBe("text");
  expect(kindOf("user.sub == 'a#b' // why", "// why")).toBe("comment");
  expect(kindOf("user.groups.exists(g, g == x)", "user.groups")).toBe("attribute");
  expect(tokensOf("policy allow-all {").some((token) => token.kind === "outcome")).toBe(false);
});

test("a long text takes time that grows with its length only", () => {
  const long = fakePolicyText.repeat(60);
  const started = performance.now();
  tokensOf(long);
  tokensOf(`"${"\\".repeat(200_000)}`);
  expect(performance.now() - started).toBeLessThan(2_000);
});
