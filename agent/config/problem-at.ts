import type { Problem } from "../contract/index.ts";

/** A stretch of the text: offsets in UTF-16 units. */
export type Range = readonly [start: number, end: number];

/** What is wrong, apart from where. */
export interface Mistake {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly severity?: Problem["severity"];
}

/** A text with the name that problems in it carry. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** The longest stretch of a line that an excerpt shows. */
const EXCERPT_CHARACTERS = 120;

export function problemAt(source: Source, [start, end]: Range, mistake: Mistake): Problem {
  const at = Math.min(Math.max(start, 0), source.text.length);
  const lineStart = source.text.lastIndexOf("\n", at - 1) + 1;
  const lineEnd = lineEndFrom(source.text, at);
  const column = at - lineStart + 1;
  const endColumn = Math.min(Math.max(end, at + 1), Math.max(lineEnd, at + 1)) - lineStart + 1;
  return {
    file: source.file,
    line: countLines(source.text, lineStart),
    column,
    endColumn,
    severity: mistake.severity ?? "error",
    code: mistake.code,
    message: mistake.message,
    ...(mistake.hint === undefined ? {} : { hint: mistake.hint }),
    excerpt: formatExcerpt(hideSecrets(source.text.slice(lineStart, lineEnd)), column, endColumn),
  };
}

function lineEndFrom(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  const lineEnd = end < 0 ? text.length : end;
  return text[lineEnd - 1] === "\r" && lineEnd > at ? lineEnd - 1 : lineEnd;
}

function countLines(text: string, until: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < until; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** The line and carets below the place. Tabs stay tabs in the second line, so that the carets stand where they should. */
function formatExcerpt(line: string, column: number, endColumn: number): string {
  const cut = column > EXCERPT_CHARACTERS - 20 ? column - 20 : 0;
  const shown = line.slice(cut, cut + EXCERPT_CHARACTERS);
  const indent = shown.slice(0, column - 1 - cut).replaceAll(/[^\t]/g, " ");
  const carets = Math.max(1, Math.min(endColumn - column, shown.length - indent.length));
  return `${shown}\n${indent}${"^".repeat(carets)}`;
}

/** SECURITY: somebody who writes a secret into the file by mistake must not find it in a log, too. Same length, so carets hold. */
function hideSecrets(line: string): string {
  const stars = (_: string, before: string, secret: string): string => before + "*".repeat(secret.length);
  return line
    .replaceAll(/(:\/\/)([^\s/?#"']*)(?=@)/g, stars)
    .replace(/(\b(?:password|pin|client_secret|token|mac)["']?\s*:)(?!\s*["']?(?:file|env):)(.+)$/i, stars);
}
