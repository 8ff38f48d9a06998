import type { Problem, TestResult } from "../contract/index.ts";
import type { PolicyView } from "./policy-view.ts";
import type { Diagnostic } from "./protocol.ts";

/** What nothing uses or reaches: editors fade it. */
const UNNECESSARY: ReadonlySet<string> = new Set(["W_UNUSED", "W_UNREACHABLE"]);

/** The policy's own problems, and the tests that fail once somebody asked for them. */
export function diagnosticsOf(view: PolicyView, withTests: boolean): readonly Diagnostic[] {
  const problems = view.problems.map((problem) => diagnosticOf(view, problem));
  const failures = withTests ? (view.tests ?? []).filter(({ passed }) => !passed) : [];
  return [...problems, ...failures.map((test) => failureOf(view, test))];
}

export function diagnosticOf(view: PolicyView, problem: Problem): Diagnostic {
  return {
    range: view.lines.rangeOf(view.spanOf(problem)),
    severity: problem.severity === "error" ? 1 : 2,
    code: problem.code,
    source: "portail",
    message: problem.hint === undefined ? problem.message : `${problem.message}\n${problem.hint}`,
    ...(UNNECESSARY.has(problem.code) && { tags: [1] as const }),
  };
}

function failureOf(view: PolicyView, { name, line, failures }: TestResult): Diagnostic {
  const title = view.items.find((item) => item.kind === "test" && item.name.text === name)?.name;
  return {
    range: view.lines.rangeOf(title ?? view.spanOf({ line, column: 1 })),
    severity: 1,
    code: "TEST_FAILED",
    source: "portail test",
    message: failures.join("\n"),
  };
}
