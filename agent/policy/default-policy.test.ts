import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decide, defaultPolicyText, givenFacts, runTests } from "./index.ts";
import { loadOk } from "./policy.suite.ts";

describe("the built-in default policy", () => {
  it("is the text of the file that is shipped", () => {
    expect(defaultPolicyText).toBe(readFileSync("resources/policies/default.portail", "utf8"));
  });

  it("loads without a word and passes its tests", () => {
    const results = runTests(loadOk(defaultPolicyText));
    expect(results.length).toBeGreaterThan(3);
    expect(results.filter((result) => !result.passed)).toEqual([]);
  });

  it("never asks for a fact", () => {
    const facts = { read: () => ({ kind: "unknown", why: "pending", pending: true }) as const };
    const { verdict, wanted } = decide(loadOk(defaultPolicyText), facts);
    expect(verdict).toMatchObject({ outcome: "allow", log: "summary", onChange: "drain", rule: { name: "own-traffic" } });
    expect(wanted).toEqual([]);
    expect(decide(loadOk(defaultPolicyText), givenFacts(new Map())).verdict.backends).toEqual([]);
  });
});
