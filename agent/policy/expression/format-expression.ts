import { formatDurationLiteral } from "./duration-text.ts";
import type { BinaryOperator, Expression } from "./syntax.ts";

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
  const text = writeBare(expression);
  return levelOf(expression) < place ? `(${text})` : text;
}

function levelOf(expression: Expression): number {
  switch (expression.kind) {
    case "conditional":
      return LEVEL.conditional;
    case "or":
      return LEVEL.or;
    case "and":
      return LEVEL.and;
    case "binary":
      return OPERATOR_LEVEL[expression.operator];
    case "not":
    case "negate":
      return LEVEL.unary;
    default:
      return LEVEL.operand;
  }
}

function writeBare(expression: Expression): string {
  switch (expression.kind) {
    case "bool":
    case "int":
      return String(expression.value);
    case "double":
      return formatDoubleLiteral(expression.value);
    case "duration":
      return formatDurationLiteral(expression.value);
    case "string":
      return formatStringLiteral(expression.value);
    case "regex":
      return `/${expression.value}/`;
    case "name":
      return expression.name;
    case "select":
      return `${write(expression.target, LEVEL.operand)}.${formatField(expression.field)}`;
    case "index":
      return `${write(expression.target, LEVEL.operand)}[${formatExpression(expression.index)}]`;
    case "list":
      return `[${writeAll(expression.items)}]`;
    case "map":
      return `{${expression.entries.map(({ key, value }) => `${formatExpression(key)}: ${formatExpression(value)}`).join(", ")}}`;
    default:
      return writeOperation(expression);
  }
}

type Operation = Extract<
  Expression,
  { readonly kind: "call" | "not" | "negate" | "binary" | "conditional" } | { readonly kind: "and" | "or" }
>;

function writeOperation(expression: Operation): string {
  switch (expression.kind) {
    case "call":
      return writeCall(expression);
    case "and":
    case "or": {
      const inner = expression.kind === "and" ? LEVEL.and + 1 : LEVEL.or + 1;
      return expression.items.map((item) => write(item, inner)).join(` ${expression.kind} `);
    }
    case "not":
      return `not ${write(expression.operand, LEVEL.unary)}`;
    case "negate":
      return writeNegation(expression.operand);
    case "conditional":
      return `${write(expression.test, LEVEL.or)} ? ${formatExpression(expression.yes)} : ${formatExpression(expression.no)}`;
    case "binary":
      return writeBinary(expression);
  }
}

function writeCall({ name, target, items }: Extract<Expression, { readonly kind: "call" }>): string {
  const call = `${name}(${writeAll(items)})`;
  return target === undefined ? call : `${write(target, LEVEL.operand)}.${call}`;
}

/** `-5` is a literal, so the negation of a literal needs its brackets. */
function writeNegation(operand: Expression): string {
  const isNumber = operand.kind === "int" || operand.kind === "double" || operand.kind === "duration";
  return isNumber ? `-(${writeBare(operand)})` : `-${write(operand, LEVEL.unary)}`;
}

function writeBinary({ operator, left, right }: Extract<Expression, { readonly kind: "binary" }>): string {
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
