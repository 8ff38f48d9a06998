import type { Problem } from "../../agent/contract/index.ts";
import { formatPrintable, formatPrintableLines, useText } from "../text/index.ts";
import { VerdictShape } from "./verdict.tsx";

export interface ProblemListProps {
  readonly problems: readonly Problem[];
  readonly onLine?: (line: number) => void;
}

/** Mistakes in a text, each with its place, the line with carets, and a hint. */
export function ProblemList({ problems, onLine }: ProblemListProps) {
  const { t } = useText();
  return (
    <ul className="problems">
      {problems.map((problem) => (
        <li key={`${problem.line}:${problem.column}${problem.code}`} className="problem">
          <VerdictShape outcome={problem.severity === "error" ? "deny" : "challenge"} />
          <div className="stack-small grow">
            <p className="wrap-anywhere">
              <strong>{problem.severity === "error" ? t.policy.errorWord : t.policy.warningWord}:</strong>{" "}
              {formatPrintable(problem.message)} <span className="code quiet">{problem.code}</span>
            </p>
            {problem.excerpt === undefined ? null : <Excerpt text={problem.excerpt} />}
            {problem.hint === undefined ? null : <p className="problem-hint wrap-anywhere">{formatPrintable(problem.hint)}</p>}
          </div>
          {onLine === undefined ? (
            <span className="code quiet">
              {problem.line}:{problem.column}
            </span>
          ) : (
            <button
              type="button"
              className="line-link"
              aria-label={t.policy.goToLine(problem.code, problem.line)}
              onClick={() => onLine(problem.line)}
            >
              {problem.line}:{problem.column}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Without the indentation that all lines share: the place matters, and room is scarce. */
function outdent(text: string): string {
  const lines = text.split("\n");
  const shared = Math.min(...lines.map((line) => line.search(/\S|$/)));
  return lines.map((line) => line.slice(shared)).join("\n");
}

/** Control characters would move the carets; line ends must stay. */
function Excerpt({ text }: { readonly text: string }) {
  return (
    /* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard (WCAG 2.1.1) */
    <pre className="code-block problem-excerpt" tabIndex={0}>
      {formatPrintableLines(outdent(text))}
    </pre>
  );
}
