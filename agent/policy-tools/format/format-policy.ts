import { type Comment, type GuardBlock, parsePolicy, type ParsedPolicy, type SyntaxProblem } from "../../policy/index.ts";
import { layItem } from "./format-blocks.ts";
import { Sheet } from "./sheet.ts";

export type Formatted =
  | { readonly kind: "formatted"; readonly text: string }
  /** A text that cannot be read is left alone. */
  | { readonly kind: "refused"; readonly problems: readonly SyntaxProblem[] };

/**
 * The one layout of a policy: what it says is the same, every comment is kept, and formatting the result changes nothing. Empty lines
 * between blocks are the author's, at most one at a time.
 */
export function formatPolicy(text: string): Formatted {
  const parsed = parsePolicy(text);
  if (parsed.problems.length > 0) return { kind: "refused", problems: parsed.problems };
  return { kind: "formatted", text: settle(layOut(text, parsed)) };
}

/** A comment that had no good place may move once more when it has found one; after that nothing moves. */
function settle(first: string): string {
  let text = first;
  for (let round = 0; round < 4; round += 1) {
    const again = layOut(text, parsePolicy(text));
    if (again === text) return text;
    text = again;
  }
  return text;
}

function layOut(text: string, { tree, comments }: ParsedPolicy): string {
  const sheet = new Sheet(text, keepNear(comments, text, tree.items.filter(isGuard)));
  sheet.flush(headerOffset(text, comments), 0);
  sheet.put(0, `portail policy ${tree.version}`);
  for (const item of tree.items) {
    sheet.flush(item.at.offset, 0);
    layItem(sheet, item);
  }
  sheet.flush(Number.POSITIVE_INFINITY, 0);
  return sheet.text();
}

function isGuard(item: ParsedPolicy["tree"]["items"][number]): item is GuardBlock & { readonly kind: "guard" } {
  return item.kind === "guard";
}

/** Where the first word stands: after spaces and comments. */
function headerOffset(text: string, comments: readonly Comment[]): number {
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1;
    const comment = comments.find(({ offset }) => offset === at);
    if (comment === undefined) return at;
    at += comment.length;
  }
}

/**
 * A comment that silences the warning of an `on_unknown skip` counts on the line above it. When the whole guard stood on one line, the
 * comment must come along to where `on_unknown` goes.
 */
function keepNear(comments: readonly Comment[], text: string, guards: readonly GuardBlock[]): readonly Comment[] {
  const pragmas = new Map(
    comments
      .filter((comment) => /portail:\s*allow\b.*W_SKIP/.test(comment.text))
      .map((comment) => [lineStart(text, comment.offset), comment]),
  );
  if (pragmas.size === 0) return comments;
  const moved = new Map<Comment, number>();
  for (const { at, onUnknown } of guards) {
    if (onUnknown === undefined) continue;
    const pragma = pragmas.get(lineStart(text, lineStart(text, onUnknown.at.offset) - 1));
    if (pragma !== undefined && pragma.offset < at.offset) moved.set(pragma, onUnknown.at.offset - 1);
  }
  return comments
    .map((comment) => ({ ...comment, offset: moved.get(comment) ?? comment.offset }))
    .toSorted((one, other) => one.offset - other.offset);
}

/** Where the line begins in which this place is; a line's end belongs to it. */
function lineStart(text: string, offset: number): number {
  return offset <= 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}
