import type { TestResult } from "../../../agent/contract/index.ts";
import type { Catalogue } from "../../text/index.ts";

export function testSummary(tests: readonly TestResult[], words: Catalogue["policy"]): string {
  if (tests.length === 0) return words.noTests;
  const failed = tests.filter((test) => !test.passed).length;
  return failed === 0 ? words.testsPass(tests.length) : words.testsFail(failed, tests.length);
}
