import type { TestResult } from "../../agent/contract/index.ts";
import { useText } from "../text/index.ts";
import { VerdictShape } from "./verdict.tsx";

/** Results of the policy's own tests; failing ones first, with what differed. */
export function TestList({ tests, onLine }: { readonly tests: readonly TestResult[]; readonly onLine?: (line: number) => void }) {
  const { t } = useText();
  const ordered = [...tests.filter((test) => !test.passed), ...tests.filter((test) => test.passed)];
  return (
    <ul className="tests">
      {ordered.map((test) => (
        <li key={`${test.line}${test.name}`} className="test">
          <VerdictShape outcome={test.passed ? "allow" : "deny"} />
          <div className="grow">
            <p className="wrap-anywhere">
              <span className="hidden-text">{test.passed ? t.policy.passed : t.policy.failed}: </span>
              {test.name}
            </p>
            {test.failures.map((failure) => (
              <p key={failure} className="test-failure wrap-anywhere">
                {failure}
              </p>
            ))}
          </div>
          {onLine === undefined ? null : (
            <button
              type="button"
              className="line-link"
              aria-label={t.policy.goToLine(test.name, test.line)}
              onClick={() => onLine(test.line)}
            >
              {test.line}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
