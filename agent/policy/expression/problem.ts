/** A place in a policy text, in UTF-16 units as `String.slice` counts them. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Every way in which an expression can be refused at load. A code is for ever; sentences may improve. */
export type ExpressionCode =
  | "E_SYNTAX"
  | "E_LIMIT"
  | "E_LITERAL"
  | "E_UNKNOWN_ATTR"
  | "E_UNKNOWN_FUNCTION"
  | "E_TYPE"
  | "E_OPTIONAL_UNGUARDED"
  | "E_NEVER_ABSENT"
  | "E_HOST_PATTERN"
  | "E_NET_PATTERN"
  | "E_REGEX"
  | "E_COST";

/** Something wrong with a text, at a place, with advice where there is any. */
export interface Problem extends Span {
  readonly code: ExpressionCode;
  readonly message: string;
  readonly hint?: string;
}

/** Build a problem at a span; an empty hint is left out. */
export function problemAt(span: Span, code: ExpressionCode, message: string, hint = ""): Problem {
  const place = { code, message, offset: span.offset, length: span.length };
  return hint === "" ? place : { ...place, hint };
}
