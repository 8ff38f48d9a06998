import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../policy/index.ts";
import { randomPolicy, textOf } from "../../policy/random-policy.suite.ts";
import { formatPolicy } from "../index.ts";
import { bareTree } from "../tools.suite.ts";

const spot = fc.record({
  at: fc.nat(),
  comment: fc.constantFrom("# why", '# a "quoted" } word', "#", "// other", "# portail: allow W_SKIP"),
});
const blocks = fc.subarray([
  'attribute user.department: string { source oidc("department") max_age 1h stale 90m fallback "none" class internal optional }',
  "attribute device.load: double { fallback -1.5e3 }",
  'set s = hosts ["a.example", "*.b.example"]',
  'set n = nets ["10.0.0.0/8"]',
  'let l = request.host in ["a.example"] and user.groups.exists(g, g.startsWith("a very long name of a group") or g == "another long name of a group")',
  'lifeline idp "sso.example:443"',
  'guard w { always when risk.score >= 80 challenge approve "soc" hold 90s say "Ask." help "https://x.example/" on_unknown step_up acr "high" }',
  'policy rw { require request.port == 80 else next require (request.port + 1) * 2 > -(3) rewrite "b.example:443" for 36h }',
  'policy long { require long-name: request.path ?? "/" =~ /\\/api\\/v[0-9]+\\/.*/ and (request.method ?? "GET") in ["GET", "HEAD", "OPTIONS", "PROPFIND"] else deny say "Only reading is possible here, and only below the interface of the day." allow }',
  'break_glass bg { when true max 4h quorum 1 keys ["a"] note "n" }',
  "reveal r to user { when device.trust >= 3 show *, class(public, secret) mask user.email }",
  'fixture f { user.groups: ["a", "b"], request.headers: {"x": "y"}, device.trust: -3, user.auth_age: 90m, user.email: absent, geo.country: unknown }',
  'test "a \\"b\\"" { given f, { request.port: 1 }, f expect deny by default needs 1 because_unknown geo.country via [] breakglass bg reveals user user.email }',
]);

/** A policy with comments wherever there is room for one. */
const commented = fc.tuple(randomPolicy, blocks, fc.array(spot, { maxLength: 8 })).map(([policy, others, spots]) => {
  let text = `${textOf(policy)}\n${others.join("\n")}`;
  for (const { at, comment } of spots) {
    const gaps = [...text.matchAll(/[ \n]/g)];
    const gap = gaps[at % gaps.length];
    if (gap !== undefined && isBetweenTokens(text, gap.index)) text = `${text.slice(0, gap.index)} ${comment}\n${text.slice(gap.index)}`;
  }
  return text;
});

function isBetweenTokens(text: string, index: number): boolean {
  const probe = `${text.slice(0, index)} #probe\n${text.slice(index)}`;
  return parsePolicy(probe).problems.length === 0 && parsePolicy(probe).comments.some((comment) => comment.text === "#probe");
}

describe("one layout", () => {
  it("for any policy with comments anywhere: the same meaning, the same comments, and nothing to do the second time", () => {
    fc.assert(
      fc.property(commented, (text) => {
        const once = formatPolicy(text);
        if (once.kind === "refused") throw new Error(JSON.stringify(once.problems));
        expect(bareTree(once.text)).toEqual(bareTree(text));
        const texts = (source: string) => parsePolicy(source).comments.map((comment) => comment.text.trimEnd());
        expect(texts(once.text).toSorted()).toEqual(texts(text).toSorted());
        expect(formatPolicy(once.text)).toEqual(once);
      }),
      { numRuns: 80 },
    );
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(["formatted", "refused"]).toContain(formatPolicy(`portail policy 1\n${text}`).kind);
      }),
    );
  });
});
