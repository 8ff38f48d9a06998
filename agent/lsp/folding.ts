import type { PolicyView } from "./policy-view.ts";
import type { FoldingRange } from "./protocol.ts";

/** Blocks and lists over several lines, and comments that stand together. Brackets alone say where, so broken texts fold too. */
export function foldingRanges(view: PolicyView): readonly FoldingRange[] {
  return [...bracketFolds(view), ...commentFolds(view)].toSorted((one, other) => one.startLine - other.startLine);
}

const OPENERS = "([{";
const CLOSERS = ")]}";

function bracketFolds(view: PolicyView): readonly FoldingRange[] {
  const folds = new Map<number, FoldingRange>();
  const open: number[] = [];
  for (const { kind, text, offset } of view.tokens) {
    if (kind !== "mark") continue;
    if (OPENERS.includes(text)) open.push(offset);
    const start = CLOSERS.includes(text) ? open.pop() : undefined;
    if (start === undefined) continue;
    const startLine = view.lines.positionAt(start).line;
    // The closing bracket stays in sight.
    const endLine = view.lines.positionAt(offset).line - 1;
    if (endLine > startLine) folds.set(startLine, { startLine, endLine });
  }
  return [...folds.values()];
}

function commentFolds(view: PolicyView): readonly FoldingRange[] {
  const folds: FoldingRange[] = [];
  let run: { readonly startLine: number; endLine: number } | undefined;
  for (const { offset } of view.comments) {
    const { line, character } = view.lines.positionAt(offset);
    if (view.lines.textOf(line).slice(0, character).trim() !== "") continue;
    if (run?.endLine === line - 1) run.endLine = line;
    else run = { startLine: line, endLine: line };
    if (run.endLine === run.startLine + 1) folds.push(run as FoldingRange);
  }
  return folds.map(({ startLine, endLine }) => ({ startLine, endLine, kind: "comment" as const }));
}
