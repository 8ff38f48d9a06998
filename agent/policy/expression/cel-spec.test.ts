import { getConformanceSuite, type IncrementalTest, type IncrementalTestSuite } from "@bufbuild/cel-spec/testdata/tests.js";
import { describe, expect, it } from "vitest";
import { exclusionOf, exclusions } from "./cel-spec-profile.suite.ts";
import { failureOf, typeOfTest } from "./cel-spec-run.suite.ts";

/** Every test of the suite that is inside the profile passes, and there are this many at least. The number may only grow. */
const FLOOR = 703;

interface NamedTest {
  readonly name: string;
  readonly test: IncrementalTest;
}

function testsOf(suite: IncrementalTestSuite, above = ""): readonly NamedTest[] {
  const own = suite.tests.map((test) => ({ name: `${above}/${test.name}`, test }));
  return [...own, ...suite.suites.flatMap((inner) => testsOf(inner, `${above}/${inner.name}`))];
}

describe("the conformance tests of CEL", () => {
  const all = testsOf(getConformanceSuite());
  const inside = all.filter(({ test }) => exclusionOf(test) === undefined);

  it("pass wherever they are inside the profile", () => {
    const failures = inside.flatMap(({ name, test }) => {
      const failure = failureOf(test);
      return failure === undefined ? [] : [`${name}: ${test.original.expr}\n    ${failure}`];
    });
    expect(failures).toEqual([]);
  });

  it("get the type that cel-go gives them", () => {
    const typed = inside.filter(({ test }) => test.type !== undefined && test.original.resultMatcher.case !== "evalError");
    // For us an empty list stays one of any type, where cel-go sometimes guesses from the way it is used.
    const differing = typed.filter(({ test }) => typeOfTest(test) !== test.type && !typeOfTest(test)?.includes("dyn"));
    expect(differing.map(({ name, test }) => `${name}: ${test.type ?? ""} or ${typeOfTest(test) ?? "refused"}`)).toEqual([]);
  });

  it("are inside the profile in a number that never shrinks", () => {
    process.stdout.write(`cel-spec: ${inside.length} of ${all.length} tests are inside the profile\n`);
    expect(inside.length).toBeGreaterThanOrEqual(FLOOR);
  });

  it("are left out for reasons that are each in use", () => {
    const reasons = Map.groupBy(all, ({ test }) => exclusionOf(test));
    for (const [why, left] of reasons) process.stdout.write(`  ${String(left.length).padStart(5)}  ${why ?? "INSIDE"}\n`);
    expect(exclusions.map(({ why }) => why).filter((why) => !reasons.has(why))).toEqual([]);
  });
});
