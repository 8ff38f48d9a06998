import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Facts } from "../connection/index.ts";
import { type Audience, audiences, decide, explain, type Policy, reveal } from "./index.ts";
import { loadOk } from "./policy.suite.ts";
import { factsOfTotal, randomPolicy, someAttributes, textOf, total, WORLD } from "./random-policy.suite.ts";

const attributes = Object.keys(WORLD);
const decisions = ["decision.outcome", "decision.rule", "decision.failed", "decision.say", "decision.help"];

const line = fc
  .tuple(fc.constantFrom("show", "hide", "mask", "hash", "coarse"), fc.subarray([...attributes, ...decisions], { minLength: 1 }))
  .map(([how, what]) => `${how} ${what.join(", ")}`);
const blocks = fc.array(fc.tuple(fc.constantFrom<Audience>("user", "support"), fc.array(line, { minLength: 1, maxLength: 3 })), {
  maxLength: 3,
});
const revealing = fc.tuple(randomPolicy, blocks).map(([random, reveals]) => {
  const text = reveals.map(([to, lines], at) => `reveal v${at} to ${to} { ${lines.join(" ")} }`);
  return loadOk([textOf(random), ...text].join("\n"));
});

const hmac = (value: string): string => `${value.length}`;
const told = (policy: Policy, facts: Facts, audience: Audience) => explain(policy, facts, { audience, incident: "7F3K", hmac });

/** What an audience may know of the decision itself; the rest of the comparison is about facts. */
const decisionOf = (policy: Policy, facts: Facts): string => {
  const { outcome, rule, say, help, failed, ask, redirect, mayApply, unknown } = decide(policy, facts).verdict;
  return JSON.stringify({ outcome, rule, say, help, failed, ask, redirect, mayApply, unknown });
};

describe("what an audience sees", () => {
  it("a hidden value changes nothing when the decision is the same", () => {
    let compared = 0;
    fc.assert(
      fc.property(revealing, total, total, someAttributes, (policy, world, other, unknown) => {
        for (const audience of audiences) {
          const facts = factsOfTotal(world, unknown);
          const { shown, inClear } = reveal(policy, { facts, verdict: decide(policy, facts).verdict }, audience, { hmac });
          const hidden = attributes.filter((attribute) => !shown.has(attribute) && !inClear.has(attribute) && !unknown.has(attribute));
          // SECURITY: an attribute that is masked, hashed or coarsened is shown in part, so only those that are hidden altogether change.
          const changed = { ...world, ...Object.fromEntries(hidden.map((attribute) => [attribute, other[attribute] ?? 0])) };
          const after = factsOfTotal(changed, unknown);
          if (decisionOf(policy, facts) !== decisionOf(policy, after)) continue;
          compared += 1;
          expect(told(policy, after, audience)).toEqual(told(policy, facts, audience));
        }
      }),
      { numRuns: 400 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  it("a policy that names nothing to an audience shows it nothing, and the person only the words meant for them", () => {
    fc.assert(
      fc.property(randomPolicy, total, (random, world) => {
        const policy = loadOk(textOf(random));
        const judged = { facts: factsOfTotal(world), verdict: decide(policy, factsOfTotal(world)).verdict };
        for (const audience of ["support", "audit_remote", "metrics"] as const) expect(reveal(policy, judged, audience).shown.size).toBe(0);
        const allowed = ["decision.outcome", "decision.say", "decision.help", "decision.incident", "request.host", "request.port"];
        for (const path of reveal(policy, judged, "user", { incident: "7F3K" }).shown.keys()) expect(allowed).toContain(path);
      }),
      { numRuns: 100 },
    );
  });

  it("without a key nothing is hashed, it is hidden", () => {
    const policy = loadOk("portail policy 1\npolicy p { allow }\nreveal r to support { hash user.sub }");
    const facts = { read: () => ({ kind: "known", value: "alice" }) as const };
    const judged = { facts, verdict: decide(policy, facts).verdict };
    expect(reveal(policy, judged, "support").shown.size).toBe(0);
    expect(reveal(policy, judged, "support", { hmac }).shown.get("user.sub")).toBe("hmac:5");
  });
});
