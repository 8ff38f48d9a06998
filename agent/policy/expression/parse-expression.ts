import { limits } from "./limits.ts";
import { type OperandParser, parseOperand } from "./parse-operand.ts";
import type { Span } from "./problem.ts";
import type { BinaryOperator, Expression } from "./syntax.ts";
import { TokenStream } from "./token-stream.ts";
import { findTooDeep } from "./tree-depth.ts";

/**
 * Read exactly one expression and leave the cursor behind it, so that `when a in b require …` stops before `require`.
 * On a mistake the answer is `undefined` and the stream holds the problem.
 *
 * From loose to tight: `?:` · `or ||` · `and &&` · comparisons, `in`, `not in`, `=~` · `??` · `+ -` · `* / %` · `not ! -` ·
 * `.x [x] f(x)`. The grammar is CEL's; `??` binds tighter than a comparison, so `request.method ?? "GET" == "GET"`
 * means what it looks like.
 */
export function parseExpression(stream: TokenStream): Expression | undefined {
  const parser = new ExpressionParser(stream);
  const expression = parser.conditional();
  const tooDeep = expression && findTooDeep(expression, limits.depth);
  return tooDeep === undefined ? expression : parser.refuseDepth(tooDeep);
}

/** Read a text that is one expression and nothing else. */
export function parseWholeExpression(source: string): { readonly expression: Expression | undefined; readonly stream: TokenStream } {
  const stream = new TokenStream(source);
  const expression = parseExpression(stream);
  if (expression === undefined || stream.peek().kind === "end") return { expression, stream };
  stream.fail(`expected the end of the expression, found '${stream.peek().text}'`);
  return { expression: undefined, stream };
}

type Operators = ReadonlyMap<string, BinaryOperator>;

const RELATIONS = operators("==", "!=", "<", "<=", ">", ">=", "in", "=~");
const SUMS = operators("+", "-");
const PRODUCTS = operators("*", "/", "%");

function operators(...list: readonly BinaryOperator[]): Operators {
  return new Map(list.map((operator) => [operator, operator]));
}

type Rule = () => Expression | undefined;

/** Recursive descent, one method for each level of precedence. */
class ExpressionParser implements OperandParser {
  readonly stream: TokenStream;
  #nesting = 0;

  constructor(stream: TokenStream) {
    this.stream = stream;
  }

  /** The entry for whole expressions, also those in brackets; it guards the call stack. */
  conditional(): Expression | undefined {
    return this.#nested(() => {
      const start = this.stream.peek().offset;
      const test = this.#or();
      if (test === undefined || this.stream.accept("?") === undefined) return test;
      const yes = this.conditional();
      if (yes === undefined || this.stream.expect(":", "between the two branches of '?'") === undefined) return undefined;
      const no = this.conditional();
      return no && { kind: "conditional", test, yes, no, ...this.spanFrom(start) };
    });
  }

  spanFrom(start: number): Span {
    const last = this.stream.previous;
    return { offset: start, length: last === undefined ? 0 : last.offset + last.length - start };
  }

  refuseDepth(span: Span): undefined {
    return this.stream.fail(`this expression is nested deeper than ${limits.depth} levels`, { code: "E_LIMIT", span });
  }

  #nested(rule: Rule): Expression | undefined {
    if (this.#nesting >= limits.depth) return this.refuseDepth(this.stream.peek());
    this.#nesting += 1;
    const result = rule();
    this.#nesting -= 1;
    return result;
  }

  #or(): Expression | undefined {
    return this.#chain("or", "||", () => this.#chain("and", "&&", () => this.#relation()));
  }

  #chain(kind: "and" | "or", symbol: string, operand: Rule): Expression | undefined {
    const start = this.stream.peek().offset;
    const first = operand();
    if (first === undefined) return undefined;
    const items = [first];
    while (this.stream.accept(symbol) ?? this.stream.accept(kind)) {
      const item = operand();
      if (item === undefined) return undefined;
      items.push(item);
      if (items.length > limits.connected) {
        return this.stream.fail(`'${kind}' may join at most ${limits.connected} parts`, { code: "E_LIMIT", span: item, hint: "use a set" });
      }
    }
    return items.length === 1 ? first : { kind, items, ...this.spanFrom(start) };
  }

  #relation(): Expression | undefined {
    return this.#leftToRight(
      () => this.#default(),
      () => this.#takeRelation(),
    );
  }

  #takeRelation(): BinaryOperator | undefined {
    if (this.stream.is("not") && this.stream.peekSecond().text === "in") {
      this.stream.next();
      this.stream.next();
      return "not in";
    }
    return this.#take(RELATIONS);
  }

  #default(): Expression | undefined {
    const start = this.stream.peek().offset;
    const left = this.#sum();
    if (left === undefined || this.stream.accept("??") === undefined) return left;
    const right = this.#nested(() => this.#default());
    return right && { kind: "binary", operator: "??", left, right, ...this.spanFrom(start) };
  }

  #sum(): Expression | undefined {
    const product = (): Expression | undefined =>
      this.#leftToRight(
        () => this.#unary(),
        () => this.#take(PRODUCTS),
      );
    return this.#leftToRight(product, () => this.#take(SUMS));
  }

  #leftToRight(operand: Rule, takeOperator: () => BinaryOperator | undefined): Expression | undefined {
    const start = this.stream.peek().offset;
    let left = operand();
    for (let level = 1; left !== undefined; level += 1) {
      const operator = takeOperator();
      if (operator === undefined) return left;
      if (level > limits.depth) return this.refuseDepth(left);
      const right = operand();
      left = right && { kind: "binary", operator, left, right, ...this.spanFrom(start) };
    }
    return undefined;
  }

  #take(wanted: Operators): BinaryOperator | undefined {
    const token = this.stream.peek();
    const operator = token.kind === "mark" || token.kind === "word" ? wanted.get(token.text) : undefined;
    if (operator !== undefined) this.stream.next();
    return operator;
  }

  #unary(): Expression | undefined {
    const { stream } = this;
    const start = stream.peek().offset;
    if (stream.accept("!") ?? stream.accept("not")) {
      const operand = this.#nested(() => this.#unary());
      return operand && { kind: "not", operand, ...this.spanFrom(start) };
    }
    if (!stream.is("-") || isNumber(stream.peekSecond().kind)) return parseOperand(this);
    stream.next();
    const operand = this.#nested(() => this.#unary());
    return operand && { kind: "negate", operand, ...this.spanFrom(start) };
  }
}

/** A minus before a number belongs to the literal, so that the most negative number can be written. */
function isNumber(kind: string): boolean {
  return kind === "int" || kind === "double" || kind === "duration";
}
