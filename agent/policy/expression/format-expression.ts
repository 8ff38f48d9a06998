import { type ByKind, dispatch } from "./by-kind.ts";
import { formatDurationLiteral } from "./duration-text.ts";
import type { BinaryExpression, BinaryOperator, CallExpression, Expression } from "./syntax.ts";

/** How tightly each form binds; see `parseExpression`. */
const LEVEL = { conditional: 1, or: 2, and: 3, relation: 4, default: 5, sum: 6, product: 7, unary: 8, operand: 9 } as const;

const OPERATOR_LEVEL: Record<BinaryOperator, number> = {
  "==": LEVEL.relation,
  "!=": LEVEL.relation,
  "<": LEVEL.relation,
  "<=": LEVEL.relation,
  ">": LEVEL.relation,
  ">=": LEVEL.relation,
  in: LEVEL.relation,
  "not in": LEVEL.relation,
  "=~": LEVEL.relation,
  "??": LEVEL.default,
  "+": LEVEL.sum,
  "-": LEVEL.sum,
  "*": LEVEL.product,
  "/": LEVEL.product,
  "%": LEVEL.product,
};

/**
 * The one way to write an expression: `and`, `or`, `not`, double quotes, no bracket that changes nothing. Parsing the
 * result gives the same tree again.
 */
export function formatExpression(expression: Expression): string {
  return write(expression, LEVEL.conditional);
}

/** The text, in brackets when it binds more loosely than its place allows. */
function write(expression: Expression, place: number): string {
  const text = dispatch(WRITERS, expression, undefined);
  return levelOf(expression) < place ? `(${text})` : text;
}

function levelOf(expression: Expression): number {
  if (expression.kind === "binary") return OPERATOR_LEVEL[expression.operator];
  if (expression.kind === "conditional" || expression.kind === "or" || expression.kind === "and") return LEVEL[expression.kind];
  return expression.kind === "not" || expression.kind === "negate" ? LEVEL.unary : LEVEL.operand;
}

const WRITERS: ByKind<Expression, undefined, string> = {
  bool: ({ value }) => String(value),
  int: ({ value }) => String(value),
  double: ({ value }) => formatDoubleLiteral(value),
  duration: ({ value }) => formatDurationLiteral(value),
  string: ({ value }) => formatStringLiteral(value),
  regex: ({ value }) => `/${value}/`,
  name: ({ name }) => name,
  select: ({ target, field }) => `${write(target, LEVEL.operand)}.${formatField(field)}`,
  index: ({ target, index }) => `${write(target, LEVEL.operand)}[${formatExpression(index)}]`,
  call: writeCall,
  list: ({ items }) => `[${writeAll(items)}]`,
  map: ({ entries }) => `{${entries.map(({ key, value }) => `${formatExpression(key)}: ${formatExpression(value)}`).join(", ")}}`,
  not: ({ operand }) => `not ${write(operand, LEVEL.unary)}`,
  negate: ({ operand }) => writeNegation(operand),
  binary: writeBinary,
  and: ({ items }) => items.map((item) => write(item, LEVEL.and + 1)).join(" and "),
  or: ({ items }) => items.map((item) => write(item, LEVEL.or + 1)).join(" or "),
  conditional: ({ test, yes, no }) => `${write(test, LEVEL.or)} ? ${formatExpression(yes)} : ${formatExpression(no)}`,
};

function writeCall({ name, target, items }: CallExpression): string {
  const call = `${name}(${writeAll(items)})`;
  return target === undefined ? call : `${write(target, LEVEL.operand)}.${call}`;
}

/** `-5` is a literal, so the negation of a literal needs its brackets. */
function writeNegation(operand: Expression): string {
  const isNumber = operand.kind === "int" || operand.kind === "double" || operand.kind === "duration";
  return isNumber ? `-(${formatExpression(operand)})` : `-${write(operand, LEVEL.unary)}`;
}

function writeBinary({ operator, left, right }: BinaryExpression): string {
  const level = OPERATOR_LEVEL[operator];
  const isRightToLeft = operator === "??";
  return `${write(left, isRightToLeft ? level + 1 : level)} ${operator} ${write(right, isRightToLeft ? level : level + 1)}`;
}

function writeAll(items: readonly Expression[]): string {
  return items.map(formatExpression).join(", ");
}

function formatField(field: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(field) ? field : `\`${field}\``;
}

/** With a point or an exponent, so that it stays a double. */
function formatDoubleLiteral(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ['"', '\\"'],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** In double quotes; what cannot be seen is escaped. */
export function formatStringLiteral(text: string): string {
  const escaped = text.replaceAll(/[\\"\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) => NAMED_ESCAPES.get(letter) ?? escapeLetter(letter));
  return `"${escaped}"`;
}

function escapeLetter(letter: string): string {
  const hex = (letter.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}
