import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { runTests } from "../../policy/index.ts";
import { joinTests, runMutations } from "../index.ts";
import { loadOk, loadText } from "../tools.suite.ts";

const shipped = (file: string) => readFileSync(resolve(import.meta.dirname, "../../../resources/policies", file), "utf8");

function joined(name: string): string {
  const result = joinTests(shipped(`${name}.portail`), shipped(`${name}.tests.portail`));
  if (result.kind === "refused") throw new Error(JSON.stringify(result));
  return result.text;
}

describe("mutations", () => {
  it.each(["small", "agency", "default"])("of %s.portail are noticed by its tests, 95 of 100 or more", { timeout: 120_000 }, (name) => {
    const policy = loadOk(joined(name));
    expect(runTests(policy).filter(({ passed }) => !passed)).toEqual([]);
    const report = runMutations(policy, { load: loadText });
    expect(report.survivors).toEqual([]);
    expect(report.scoreOfDifferent).toBeGreaterThanOrEqual(0.95);
    // A default policy of one rule has hardly anything to mutate: two of sixteen mutants are the same policy in other words.
    if (name !== "default") expect(report.score).toBeGreaterThanOrEqual(0.95);
  });

  it("survive where a test is missing, each with its line and what was done", () => {
    const policy = loadOk(`portail policy 1
policy web {
  when request.port in [80, 443] and device.trust >= 2
  allow
}
fixture a { request.host: "a.example", request.port: 443, device.trust: 2 }
test "web" { given a expect allow by web }
test "trust" { given a, { device.trust: 1 } expect deny }
`);
    const { survivors, mutants, killed, equivalent, score } = runMutations(policy, { load: loadText, contexts: 2000 });
    expect(survivors).toEqual([
      { line: 3, says: "without 'request.port in [80, 443]'" },
      { line: 3, says: "without 80" },
      { line: 3, says: "80 -> 81" },
      { line: 3, says: "80 -> 79" },
    ]);
    expect(equivalent).toEqual([]);
    expect(score).toBe(killed / mutants);
  });

  it("that change nothing are told apart from those that no test notices", () => {
    const policy = loadOk(`portail policy 1
policy never { when request.port == 1 and request.port == 2 allow }
test "no" { given { request.host: "a.example", request.port: 1 } expect deny }
`);
    const { equivalent } = runMutations(policy, { load: loadText, contexts: 2000 });
    expect(equivalent.map(({ says }) => says)).toContain("allow -> deny");
  });
});

describe("tests in a file of their own", () => {
  it("hold fixtures and tests, nothing that decides", () => {
    expect(joinTests("portail policy 1\n", "portail policy 1\npolicy p { allow }")).toMatchObject({
      kind: "refused",
      why: "line 2: policy 'p' decides",
    });
    expect(joinTests("portail policy 1\n", "portail policy 1\ntest {")).toMatchObject({ kind: "refused" });
    expect(joinTests("portail policy 1\npolicy p { allow }", 'portail policy 1\ntest "t" { expect allow }')).toEqual({
      kind: "joined",
      text: 'portail policy 1\npolicy p { allow }\n                \ntest "t" { expect allow }',
      lines: 2,
    });
  });
});
