import { canonicalHost, formatStringLiteral } from "../../policy/index.ts";
import { CannotImport, type ImportNotes } from "./import-notes.ts";
import { typeOf, type Variables } from "./import-variables.ts";
import type { OriginalComparison, OriginalCondition, OriginalOperand } from "./original-tree.ts";

export interface Importing {
  readonly variables: Variables;
  readonly notes: ImportNotes;
}

/** A condition in the language, with every bracket that could matter; the layout takes away what does not. */
export function importCondition(condition: OriginalCondition, importing: Importing): string {
  switch (condition.kind) {
    case "and":
    case "or":
      return `(${chainOf(condition, condition.kind)
        .map((part) => importCondition(part, importing))
        .join(` ${condition.kind} `)})`;
    case "not":
      return `not (${importCondition(condition.operand, importing)})`;
    case "compare":
      return importComparison(condition, importing);
  }
}

/** `a and b and c` is one chain; nested it would run into the limit of depth. */
function chainOf(condition: OriginalCondition, kind: "and" | "or"): readonly OriginalCondition[] {
  const parts: OriginalCondition[] = [];
  let rest = condition;
  while (rest.kind === kind) {
    parts.unshift(rest.right);
    rest = rest.left;
  }
  return [rest, ...parts];
}

function importComparison(comparison: OriginalComparison, importing: Importing): string {
  const { left, right, comparator } = comparison;
  checkTypes(comparison);
  if (isHost(left) || isHost(right)) return compareHost(comparison, importing);
  if (right.kind === "texts") {
    return right.values.length === 0 ? "false" : `${operandText(left, importing)} in [${right.values.map(formatStringLiteral).join(", ")}]`;
  }
  if (right.kind === "regex")
    return `${operandText(left, importing)} =~ ${importRegex(right.value, { comparison, importing, any: "(?s:.*)" })}`;
  return `${operandText(left, importing)} ${comparator} ${operandText(right, importing)}`;
}

function isHost(operand: OriginalOperand): boolean {
  return operand.kind === "variable" && operand.path === "host";
}

/** The original finds these out when a request comes, and then refuses every request. */
function checkTypes({ left, comparator, right, line }: OriginalComparison): void {
  const [one, other] = [typeOf(left), typeOf(right)];
  const isOrder = comparator === "<" || comparator === ">" || comparator === "<=" || comparator === ">=";
  if (isOrder && one !== undefined && one !== "int") throw new CannotImport(line, `'${comparator}' compares numbers only`);
  if ((comparator === "in" || comparator === "=~") && one !== undefined && one !== "string") {
    throw new CannotImport(line, `'${comparator}' needs a text on its left side`);
  }
  if (one !== undefined && other !== undefined && one !== other) throw new CannotImport(line, `a ${one} is never compared with a ${other}`);
}

function operandText(operand: OriginalOperand, { variables }: Importing): string {
  switch (operand.kind) {
    case "variable":
      return variables.get(operand.path)?.path ?? operand.path;
    case "text":
      return formatStringLiteral(operand.value);
    case "number":
    case "truth":
      return String(operand.value);
    case "regex":
    case "texts":
      throw new Error("only the right side of =~ and in");
  }
}

function compareHost(comparison: OriginalComparison, importing: Importing): string {
  const { left, right, comparator, line } = comparison;
  if (right.kind === "regex") {
    if (/[A-Z]/.test(right.value.replaceAll(/\\[A-Z]|\(\?[A-Z]/g, ""))) {
      importing.notes.add(line, "hosts are compared in lower case here: capital letters in this expression match nothing");
    }
    return `request.host =~ ${importRegex(right.value, { comparison, importing, any: ".*" })}`;
  }
  if (right.kind === "texts") {
    const hosts = right.values.flatMap((value) => hostLiteral(value, line, importing));
    return hosts.length === 0 ? "false" : `request.host in [${hosts.join(", ")}]`;
  }
  const other = isHost(left) ? right : left;
  if (isHost(left) && isHost(right)) return comparator === "==" ? "true" : "false";
  if (other.kind === "variable") throw new CannotImport(line, "a host can only be compared with what is written in the file");
  const [host] = other.kind === "text" ? hostLiteral(other.value, line, importing) : [];
  if (host === undefined) return comparator === "==" ? "false" : "true";
  return `request.host ${comparator} ${host}`;
}

/** The host as it is compared here; nothing for a text that no host can be. */
function hostLiteral(value: string, line: number, { notes }: Importing): readonly string[] {
  const canonical = /[*]|^\./.test(value) ? undefined : canonicalHost(value);
  if (canonical === undefined) {
    notes.add(line, `${formatStringLiteral(value)} was left out: no host is spelled so, and as a pattern it would match more than it did`);
    return [];
  }
  if (canonical.value !== value)
    notes.add(line, `${formatStringLiteral(value)} is written ${formatStringLiteral(canonical.value)}: hosts are compared in one spelling`);
  return [formatStringLiteral(canonical.value)];
}

interface Pattern {
  readonly comparison: OriginalComparison;
  readonly importing: Importing;
  /** What stands for "anything" around a pattern without anchors. */
  readonly any: string;
}

/** The original looks for the pattern anywhere; here it must match the whole text. */
function importRegex(source: string, { comparison, importing, any }: Pattern): string {
  const { line } = comparison;
  if (/\\[dDwWsSbB]/.test(source) && any !== ".*") {
    importing.notes.add(line, "\\d, \\w, \\s and \\b mean ASCII letters here; the original means Unicode");
  }
  const isPlain = !source.includes("|") && !/\(\?[a-zA-Z-]+\)/.test(source);
  const start = isPlain && source.startsWith("^");
  const end = isPlain && /(?:^|[^\\])(?:\\\\)*\$$/.test(source);
  const inner = source.slice(start ? 1 : 0, end ? -1 : undefined);
  if (!start || !end)
    importing.notes.add(line, `the expression "${source}" is looked for anywhere in the text; here an expression matches the whole`);
  // Two slashes with nothing between would begin a comment.
  const body = start && end && inner !== "" ? inner : `(?:${inner})`;
  return `/${(start ? "" : any) + escapeSlashes(body) + (end ? "" : any)}/`;
}

/** A slash would end the literal, and so would the end of a line. */
function escapeSlashes(pattern: string): string {
  return pattern.replaceAll(/\\[\s\S]|[/\r\n]/g, (found) => {
    if (found === "/") return "\\/";
    if (found === "\n" || found === "\\\n") return "\\n";
    return found === "\r" || found === "\\\r" ? "\\r" : found;
  });
}
