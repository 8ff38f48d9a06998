import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, givenFacts, parseAttributeValue, type Policy } from "../../policy/index.ts";
import { randomPolicy, textOf } from "../../policy/random-policy.suite.ts";
import { type DiffSide, diffPolicies, type ExampleFact } from "../index.ts";
import { loadOk } from "../tools.suite.ts";

function decideExample(policy: Policy, example: readonly ExampleFact[]): DiffSide {
  const facts = example.map(({ attribute, value }) => {
    const parsed = parseAttributeValue(policy, attribute, value);
    if ("problem" in parsed) throw new Error(parsed.problem);
    return [attribute, parsed.fact] as const;
  });
  const { outcome, rule } = decide(policy, givenFacts(new Map(facts))).verdict;
  return { outcome, rule };
}

describe("a difference between any two policies", () => {
  it("shows only what is real: each example, asked again, is decided by both as it says", () => {
    fc.assert(
      fc.property(randomPolicy, randomPolicy, (one, other) => {
        const [before, after] = [loadOk(textOf(one)), loadOk(textOf(other))];
        for (const found of diffPolicies(before, after, { limit: 1500 }).classes) {
          expect(decideExample(before, found.example)).toEqual(found.before);
          expect(decideExample(after, found.example)).toEqual(found.after);
        }
      }),
      { numRuns: 40 },
    );
  });
});
