import { limits } from "./limits.ts";
import type { Span } from "./problem.ts";
import type { Expression, MapEntry } from "./syntax.ts";
import { describeToken } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

/** What operands need of the parser that they are part of. */
export interface OperandParser {
  readonly stream: TokenStream;
  /** A whole expression, as it stands in brackets. */
  conditional(): Expression | undefined;
  /** From `start` to the end of the token taken last. */
  spanFrom(start: number): Span;
  /** Note that the expression is nested too deeply. */
  refuseDepth(span: Span): undefined;
}

/** Words that cannot name anything: the language's own, and those that CEL keeps for host languages. */
const RESERVED: ReadonlySet<string> = new Set(
  "and or not in true false null as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

/** Whether a word may stand where an attribute, set, let or variable is named. */
export function isReservedWord(word: string): boolean {
  return RESERVED.has(word);
}

/** A literal, name, list, map or bracket, and every `.x`, `[x]` and `(x)` that hangs on it. */
export function parseOperand(parser: OperandParser): Expression | undefined {
  const { stream } = parser;
  const start = stream.peek().offset;
  let operand = parsePrimary(parser);
  for (let level = 1; operand !== undefined; level += 1) {
    if (level > limits.depth) return parser.refuseDepth(operand);
    if (stream.accept(".")) operand = parseSelection(parser, operand, start);
    else if (stream.accept("[")) operand = parseIndex(parser, operand, start);
    else return operand;
  }
  return undefined;
}

function parseSelection(parser: OperandParser, target: Expression, start: number): Expression | undefined {
  const { stream } = parser;
  const token = stream.peek();
  if (token.kind === "quoted") {
    stream.next();
    return { kind: "select", target, field: token.value, ...parser.spanFrom(start) };
  }
  if (token.kind !== "word") return stream.fail(`expected a name after '.', found ${describeToken(token)}`);
  stream.next();
  if (stream.accept("(") === undefined) return { kind: "select", target, field: token.text, ...parser.spanFrom(start) };
  const items = parseArguments(parser);
  return items && { kind: "call", name: token.text, target, items, ...parser.spanFrom(start) };
}

function parseIndex(parser: OperandParser, target: Expression, start: number): Expression | undefined {
  const index = parser.conditional();
  if (index === undefined || parser.stream.expect("]") === undefined) return undefined;
  return { kind: "index", target, index, ...parser.spanFrom(start) };
}

function parsePrimary(parser: OperandParser): Expression | undefined {
  const { stream } = parser;
  const token = stream.peek();
  switch (token.kind) {
    case "int":
    case "double":
    case "duration":
      return parseNumber(parser);
    case "string":
    case "regex":
      stream.next();
      return { kind: token.kind, value: token.value, offset: token.offset, length: token.length };
    case "word":
      return parseWord(parser);
    case "mark":
      return parseBracket(parser);
    case "quoted":
    case "bad":
    case "end":
      return stream.fail(`expected a value, found ${describeToken(token)}`);
  }
}

function parseNumber(parser: OperandParser): Expression | undefined {
  const { stream } = parser;
  const minus = stream.accept("-");
  const token = stream.next();
  if (token.kind !== "int" && token.kind !== "double" && token.kind !== "duration") return undefined;
  const negated = token.kind === "double" ? -token.value : 0 - token.value;
  return { kind: token.kind, value: minus === undefined ? token.value : negated, ...parser.spanFrom(minus?.offset ?? token.offset) };
}

function parseWord(parser: OperandParser): Expression | undefined {
  const { stream } = parser;
  const token = stream.peek();
  if (token.text === "true" || token.text === "false") {
    stream.next();
    return { kind: "bool", value: token.text === "true", offset: token.offset, length: token.length };
  }
  if (token.text === "null") return stream.fail("there is no null", { hint: "ask has(x), or give a default: x ?? y" });
  if (isReservedWord(token.text)) return stream.fail(`expected a value, found the word '${token.text}'`);
  stream.next();
  if (stream.accept("(") === undefined) return { kind: "name", name: token.text, offset: token.offset, length: token.length };
  const items = parseArguments(parser);
  return items && { kind: "call", name: token.text, target: undefined, items, ...parser.spanFrom(token.offset) };
}

function parseBracket(parser: OperandParser): Expression | undefined {
  const { stream } = parser;
  const start = stream.peek().offset;
  if (stream.is("-")) return parseNumber(parser);
  if (stream.accept("(")) {
    const inner = parser.conditional();
    return inner && stream.expect(")") && inner;
  }
  if (stream.accept("[")) {
    const items = parseList(parser, "]", limits.literalEntries);
    return items && { kind: "list", items, ...parser.spanFrom(start) };
  }
  if (stream.accept("{")) {
    const entries = parseEntries(parser);
    return entries && { kind: "map", entries, ...parser.spanFrom(start) };
  }
  return stream.fail(`expected a value, found ${describeToken(stream.peek())}`);
}

function parseArguments(parser: OperandParser): Expression[] | undefined {
  return parseList(parser, ")", limits.callArguments);
}

/** Expressions up to `closer`; a comma before it is allowed in lists only, as in CEL. */
function parseList(parser: OperandParser, closer: ")" | "]", most: number): Expression[] | undefined {
  const { stream } = parser;
  const items: Expression[] = [];
  if (stream.accept(closer)) return items;
  for (;;) {
    const item = parser.conditional();
    if (item === undefined) return undefined;
    items.push(item);
    if (items.length > most) return stream.fail(`at most ${most} entries may stand here`, { code: "E_LIMIT", span: item });
    if (stream.accept(",") === undefined) return stream.expect(closer) && items;
    if (closer === "]" && stream.accept(closer)) return items;
  }
}

function parseEntries(parser: OperandParser): MapEntry[] | undefined {
  const { stream } = parser;
  const entries: MapEntry[] = [];
  while (stream.accept("}") === undefined) {
    const key = parser.conditional();
    if (key === undefined || stream.expect(":") === undefined) return undefined;
    const value = parser.conditional();
    if (value === undefined) return undefined;
    entries.push({ key, value });
    if (entries.length > limits.literalEntries)
      return stream.fail(`at most ${limits.literalEntries} entries may stand here`, { code: "E_LIMIT", span: key });
    if (stream.accept(",") === undefined) return stream.expect("}") && entries;
  }
  return entries;
}
