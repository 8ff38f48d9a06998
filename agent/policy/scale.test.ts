import { describe, expect, it } from "vitest";
import { decide, explain, givenFacts } from "./index.ts";
import { loadOk } from "./policy.suite.ts";

const COUNT = 10_000;
const hostOf = (i: number): string => [`svc${i}.corp.example`, `*.team${i}.corp.example`, `.zone${i}.example`][i % 3] ?? "";
const visitOf = (i: number): string => [`svc${i}.corp.example`, `a.team${i}.corp.example`, `x.y.zone${i}.example`][i % 3] ?? "";
const rules = Array.from(
  { length: COUNT },
  (_, i) => `policy rule-${i} { when request.host in ["${hostOf(i)}"] and request.port == 443 require "g${i % 50}" in user.groups allow }`,
);
const policy = loadOk(`portail policy 1\n${rules.join("\n")}`);
const factsFor = (host: string) =>
  givenFacts(
    new Map([
      ["request.host", { kind: "known", value: host }],
      ["request.port", { kind: "known", value: 443 }],
      ["user.groups", { kind: "known", value: ["g1", "g2"] }],
    ]),
  );

// Times are measured by the bench; here only what must not depend on the number of rules, with room for slow machines.
describe("a policy of ten thousand rules", () => {
  it("looks at no rule of another host", () => {
    for (const i of [0, 1, 2, 4_999, COUNT - 1]) {
      const { verdict } = decide(policy, factsFor(visitOf(i)));
      expect(verdict).toMatchObject({ rule: { name: `rule-${i}` }, examined: 1, rules: COUNT });
    }
    expect(decide(policy, factsFor("www.elsewhere.example")).verdict).toMatchObject({ rule: { kind: "default" }, examined: 0 });
  });

  it("decides far below a millisecond and explains in a few", () => {
    const facts = Array.from({ length: 500 }, (_, i) => factsFor(visitOf(i * 19)));
    const start = performance.now();
    for (const one of facts) decide(policy, one);
    const decided = performance.now();
    for (const one of facts.slice(0, 50)) explain(policy, one);
    const explained = performance.now();
    expect((decided - start) / facts.length).toBeLessThan(0.5);
    expect((explained - decided) / 50).toBeLessThan(50);
  });
});
