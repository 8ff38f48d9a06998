import type { Problem } from "../contract/index.ts";
import { diagnosticOf } from "./diagnostics.ts";
import type { PolicyView } from "./policy-view.ts";
import type { CodeAction, Range, TextEdit } from "./protocol.ts";

/** What an editor may do about the problems on the lines of a range: write what was meant, or allow a warning where it stands. */
export function quickFixesAt(view: PolicyView, { start, end }: Range): readonly CodeAction[] {
  return view.problems.flatMap((problem) => {
    const { line } = view.lines.positionAt(view.spanOf(problem).offset);
    if (line < start.line || line > end.line) return [];
    return [spell(view, problem), allow(view, problem, line)].filter((action) => action !== undefined);
  });
}

/** "did you mean 'x'?": the word that the message quotes becomes x. */
function spell(view: PolicyView, problem: Problem): CodeAction | undefined {
  const meant = /did you mean '([^']+)'/.exec(problem.hint ?? "")?.[1];
  const span = view.spanOf(problem);
  const stretch = view.textOf(span);
  const written = Array.from(problem.message.matchAll(/'([^']+)'/g), ([, word]) => word).find((word) => word && stretch.includes(word));
  if (meant === undefined || written === undefined) return undefined;
  const at = { offset: span.offset + startOf(written, stretch), length: written.length };
  return fix(view, problem, { title: `Write '${meant}'`, edit: { range: view.lines.rangeOf(at), newText: meant } });
}

/** Of a call the whole stretch is wrong, and its arguments may contain the same word: the name has a bracket behind it. */
function startOf(written: string, stretch: string): number {
  const called = stretch.lastIndexOf(`${written}(`);
  return called < 0 ? stretch.lastIndexOf(written) : called;
}

/** Warnings are silenced by a comment on the line above. */
function allow(view: PolicyView, problem: Problem, line: number): CodeAction | undefined {
  if (problem.severity !== "warning") return undefined;
  const title = `Allow ${problem.code} here`;
  const above = line === 0 ? "" : view.lines.textOf(line - 1);
  if (/^\s*(?:#|\/\/)\s*portail:\s*allow\s/.test(above)) {
    const end = { line: line - 1, character: above.trimEnd().length };
    return fix(view, problem, { title, edit: { range: { start: end, end }, newText: `, ${problem.code}` } });
  }
  const start = { line, character: 0 };
  const indent = /^[ \t]*/.exec(view.lines.textOf(line))?.[0] ?? "";
  const newText = `${indent}# portail: allow ${problem.code}\n`;
  return fix(view, problem, { title, edit: { range: { start, end: start }, newText } });
}

function fix(view: PolicyView, problem: Problem, { title, edit }: { readonly title: string; readonly edit: TextEdit }): CodeAction {
  return {
    title,
    kind: "quickfix",
    diagnostics: [diagnosticOf(view, problem)],
    ...(problem.severity === "error" && { isPreferred: true }),
    edit: { changes: { [view.uri]: [edit] } },
  };
}
