import type { TestResult } from "../contract/index.ts";
import type { PolicyView } from "./policy-view.ts";
import type { CodeLens } from "./protocol.ts";

/** The command that runs tests: all of a document, or the one that is named. */
export const runTestsCommand = "portail.runTests";

/** Longest title; a lens has one line. */
const MAX_TITLE = 120;

/** A lens on each test and one on the whole file; once tests ran, they say how it went. */
export function codeLenses(view: PolicyView, withTests: boolean): readonly CodeLens[] {
  const tests = view.items.filter((item) => item.kind === "test");
  if (tests.length === 0) return [];
  const results = withTests ? view.tests : undefined;
  const lens = (at: { readonly offset: number; readonly length: number }, title: string, ...names: readonly string[]): CodeLens => ({
    range: view.lines.rangeOf(at),
    command: { title: title.slice(0, MAX_TITLE), command: runTestsCommand, arguments: [view.uri, ...names] },
  });
  const [first] = view.tokens;
  return [
    lens(first ?? { offset: 0, length: 0 }, summaryOf(results, tests.length)),
    ...tests.map(({ name }) => lens(name, titleOf(results?.find((result) => result.name === name.text)), name.text)),
  ];
}

function summaryOf(results: readonly TestResult[] | undefined, count: number): string {
  if (results === undefined) return count === 1 ? "run 1 test" : `run ${count} tests`;
  const passed = results.filter((result) => result.passed).length;
  return passed === results.length ? `✓ all ${passed} tests pass` : `✗ ${results.length - passed} of ${results.length} tests fail`;
}

function titleOf(result: TestResult | undefined): string {
  if (result === undefined) return "run test";
  return result.passed ? "✓ passes" : `✗ ${result.failures.join("; ")}`;
}
