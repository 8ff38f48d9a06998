import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadPolicy, runTests } from "./index.ts";

const hash = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");
const load = (name: string) => {
  const file = `resources/policies/${name}.portail`;
  return loadPolicy(readFileSync(file, "utf8"), { file, hash });
};

describe.each(["agency", "small"])("the shipped example %s", (name) => {
  it("loads without an error", () => {
    const { policy, problems } = load(name);
    expect(problems.filter((problem) => problem.severity === "error")).toEqual([]);
    expect(policy?.tests).toBeGreaterThan(5);
  });

  it("passes every test that it carries", () => {
    const { policy } = load(name);
    const results = policy === undefined ? [] : runTests(policy);
    expect(results.filter((result) => !result.passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(5);
  });
});
