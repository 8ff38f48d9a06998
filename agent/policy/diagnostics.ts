import type { Problem } from "../contract/index.ts";
import type { Comment, Problem as ExpressionProblem, Span } from "./expression/index.ts";
import { SourceLines } from "./source-lines.ts";

export type ErrorCode =
  | ExpressionProblem["code"]
  | "E_ACTION"
  | "E_ATTRIBUTE"
  | "E_AUDIENCE"
  | "E_BREAK_GLASS"
  | "E_CLASS"
  | "E_DUPLICATE"
  | "E_ENCODING"
  | "E_LIFELINE"
  | "E_LIFELINE_CUT"
  | "E_SET"
  | "E_TARGET"
  | "E_UNKNOWN_NAME"
  | "E_VALUE";

/** Each can be silenced in the text, on the line above: `# portail: allow W_UNUSED`. */
export type WarningCode = "W_FALLBACK" | "W_SKIP" | "W_ORACLE" | "W_UNUSED" | "W_UNREACHABLE" | "W_NEVER";

export interface Finding extends Span {
  readonly code: ErrorCode | WarningCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** More problems than this help nobody. */
const MAX_PROBLEMS = 100;

const ALLOW = /portail:\s*allow\s+([A-Z_,\s]+)/;

function isError({ code }: Finding): boolean {
  return code.startsWith("E_");
}

/** Collects what is wrong with one text and says it with places. */
export class Diagnostics {
  readonly lines: SourceLines;
  readonly #file: string;
  readonly #findings: Finding[] = [];
  #errors = 0;
  /** Line of the comment -> the codes that it silences on the next line. */
  #silenced: ReadonlyMap<number, readonly string[]> = new Map();

  constructor(file: string, text: string) {
    this.#file = file;
    this.lines = new SourceLines(text);
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** More errors than anybody reads: the rest of the text is not worth checking. */
  get isFull(): boolean {
    return this.#errors >= MAX_PROBLEMS;
  }

  error(at: Span, code: ErrorCode, message: string, hint?: string): void {
    this.add({ code, message, hint, offset: at.offset, length: at.length });
  }

  warn(at: Span, code: WarningCode, message: string, hint?: string): void {
    this.add({ code, message, hint, offset: at.offset, length: at.length });
  }

  add(finding: Finding): void {
    if (finding.code.startsWith("E_")) this.#errors++;
    this.#findings.push(finding);
  }

  /** Take the comments that silence warnings. */
  allowFrom(comments: readonly Comment[]): void {
    const silenced = new Map<number, readonly string[]>();
    for (const comment of comments) {
      const codes = ALLOW.exec(comment.text)?.[1]?.split(/[\s,]+/);
      if (codes !== undefined) silenced.set(this.lines.lineOf(comment.offset), codes);
    }
    this.#silenced = silenced;
  }

  /** All problems in the order of the text. Beyond a hundred some are left out, warnings before errors. */
  problems(): Problem[] {
    const told = this.#findings.filter((finding) => !this.#isSilenced(finding)).sort((a, b) => a.offset - b.offset);
    const errors = told.filter(isError).slice(0, MAX_PROBLEMS);
    const warnings = told.filter((finding) => !isError(finding)).slice(0, MAX_PROBLEMS - errors.length);
    return [...errors, ...warnings].sort((a, b) => a.offset - b.offset).map((finding) => this.#problemOf(finding));
  }

  #isSilenced(finding: Finding): boolean {
    if (this.#silenced.size === 0 || finding.code.startsWith("E_")) return false;
    return this.#silenced.get(this.lines.lineOf(finding.offset) - 1)?.includes(finding.code) === true;
  }

  #problemOf(finding: Finding): Problem {
    const { line, column } = this.lines.placeOf(finding);
    const { excerpt, width } = this.lines.excerptOf(finding);
    return {
      file: this.#file,
      line,
      column,
      endColumn: column + width,
      severity: finding.code.startsWith("E_") ? "error" : "warning",
      code: finding.code,
      message: finding.message,
      ...(finding.hint !== undefined && { hint: finding.hint }),
      excerpt,
    };
  }
}
