import type { Fact, Verdict } from "../connection/index.ts";
import type { TestResult } from "../contract/index.ts";
import { isAudience } from "./audience.ts";
import { decide } from "./decide.ts";
import { typeOf } from "./declare-attributes.ts";
import { readLiteral } from "./fixture-value.ts";
import { givenFacts } from "./given-facts.ts";
import type { Policy } from "./policy.ts";
import { reveal } from "./reveal.ts";
import { SourceLines } from "./source-lines.ts";
import type { Expectation, FixtureEntry, TestBlock } from "./tree.ts";

/** Run the tests that the policy carries. What a test does not give is unknown. */
export function runTests(policy: Policy): TestResult[] {
  const lines = new SourceLines(policy.text);
  return policy.program.tests.map((test) => {
    const failures = test.expectations.flatMap((expectation) => judgeExpectation(policy, test, expectation));
    return { name: test.name.text, line: lines.lineOf(test.name.offset), passed: failures.length === 0, failures };
  });
}

/** The facts of a test: its fixtures one after the other, later values replacing earlier ones. */
export function factsOfTest(policy: Policy, test: TestBlock): ReadonlyMap<string, Fact> {
  const facts = new Map<string, Fact>();
  for (const part of test.given) {
    const entries = "text" in part ? (policy.program.fixtures.get(part.text) ?? []) : part;
    for (const entry of entries) facts.set(entry.path.text, factOf(policy, entry));
  }
  return facts;
}

function factOf(policy: Policy, { path, value }: FixtureEntry): Fact {
  if (value.kind === "absent") return { kind: "absent" };
  const attribute = policy.attributes.get(path.text);
  if (value.kind === "unknown" || attribute === undefined) return { kind: "unknown", why: "unknown in this test" };
  const read = readLiteral(value, typeOf(attribute));
  return read.kind === "value" ? { kind: "known", value: read.value } : { kind: "unknown", why: read.why };
}

function judgeExpectation(policy: Policy, test: TestBlock, expectation: Expectation): string[] {
  const facts = givenFacts(factsOfTest(policy, test));
  const breakGlass =
    expectation.kind === "expect" ? expectation.breakGlass : test.expectations.find((other) => other.kind === "expect")?.breakGlass;
  const { verdict } = decide(policy, facts, breakGlass ? { breakGlass: breakGlass.text } : {});
  if (expectation.kind === "expect") return compareVerdict(verdict, expectation);
  if (!isAudience(expectation.audience.text)) return [`there is no audience '${expectation.audience.text}'`];
  const { shown } = reveal(policy, { facts, verdict }, expectation.audience.text, { incident: "TEST", hmac: (value) => value });
  const audience = expectation.audience.text;
  return expectation.paths.flatMap(({ text }) => {
    if (expectation.kind === "reveals") return shown.has(text) ? [] : [`${audience} does not see ${text}`];
    return shown.has(text) ? [`${audience} sees ${text}`] : [];
  });
}

function compareVerdict(verdict: Verdict, expected: Extract<Expectation, { readonly kind: "expect" }>): string[] {
  const failures: string[] = [];
  const { rule } = verdict;
  if (verdict.outcome !== expected.outcome.text) failures.push(`expected ${expected.outcome.text}, got ${verdict.outcome} by ${rule.name}`);
  if (expected.by && expected.by.text !== rule.name && expected.by.text !== tierOf(verdict)) {
    failures.push(`expected the rule ${expected.by.text}, got ${rule.name}`);
  }
  for (const label of expected.needs) {
    if (!verdict.failed.some((requirement) => requirement.label === label.text))
      failures.push(`the requirement ${label.text} did not fail`);
  }
  for (const path of expected.becauseUnknown) {
    if (!verdict.unknown.some((unknown) => unknown.attribute === path.text))
      failures.push(`${path.text} was not the unknown that mattered`);
  }
  const via = expected.via?.map((word) => word.text);
  if (via !== undefined && via.join("\n") !== verdict.backends.join("\n")) {
    failures.push(`expected the way out [${via.join(", ")}], got [${verdict.backends.join(", ")}]`);
  }
  return failures;
}

/** `by lifeline` and `by default` name the tier. */
function tierOf({ rule }: Verdict): string | undefined {
  return rule.kind === "lifeline" || rule.kind === "default" ? rule.kind : undefined;
}
