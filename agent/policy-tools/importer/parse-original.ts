import type {
  OriginalAction,
  OriginalBlock,
  OriginalComparator,
  OriginalCondition,
  OriginalFile,
  OriginalOperand,
  OriginalPolicy,
  OriginalRoute,
} from "./original-tree.ts";

/** Where a text cannot be read. Thrown inside this room only; `parseOriginal` turns it into a value. */
class Mistake extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

export type ParsedOriginal =
  | { readonly kind: "parsed"; readonly file: OriginalFile }
  | { readonly kind: "refused"; readonly line: number; readonly column: number; readonly message: string };

/** Read a file of the original grammar: `policy NAME { when … require … action … }` and `route NAME { when … use [ … ] }`. */
export function parseOriginal(text: string): ParsedOriginal {
  try {
    return { kind: "parsed", file: new OriginalParser(text).file() };
  } catch (cause) {
    if (!(cause instanceof Mistake)) throw cause;
    const before = text.slice(0, cause.at).split("\n");
    return { kind: "refused", line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message: cause.message };
  }
}

const BLANK = /\s*/y;
const WORD = /[\p{Alphabetic}\p{N}_-]+/uy;
const PATH = /[\p{Alphabetic}\p{N}_-]+(?:\.[\p{Alphabetic}\p{N}_-]+)*/uy;
const NUMBER = /-?\d+(?![\p{Alphabetic}\p{N}_.-])/uy;
/** There are no escapes. */
const TEXT = /"([^"]*)"/y;
const COMPARATOR = /==|!=|=~|<=|>=|<|>|in(?![\p{Alphabetic}\p{N}_-])/uy;
/** As deep as the original evaluates. */
const MAX_DEPTH = 256;

class OriginalParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  file(): OriginalFile {
    const blocks: OriginalBlock[] = [];
    for (;;) {
      this.#match(BLANK);
      if (this.#at === this.#text.length) return { blocks };
      blocks.push(this.#block(blocks));
    }
  }

  #block(before: readonly OriginalBlock[]): OriginalBlock {
    const start = this.#at;
    const kind = this.#match(WORD);
    if (kind !== "policy" && kind !== "route") this.#fail("expected 'policy' or 'route'", start);
    const line = this.#text.slice(0, start).split("\n").length;
    this.#match(BLANK);
    const name = this.#match(WORD) ?? this.#fail(`expected the name of the ${kind}`);
    if (before.some((other) => other.kind === kind && other.name === name)) this.#fail(`the ${kind} '${name}' is there twice`, start);
    this.#expect("{");
    const block = kind === "policy" ? this.#policy({ name, line }) : this.#route({ name, line });
    this.#expect("}");
    return block;
  }

  #policy(head: { readonly name: string; readonly line: number }): OriginalPolicy {
    const parts: { when?: OriginalCondition; require?: OriginalCondition; action?: OriginalAction } = {};
    for (;;) {
      const start = this.#skip();
      if (this.#is("}")) break;
      const word = this.#match(WORD);
      if (word !== "when" && word !== "require" && word !== "action") this.#fail("expected when, require or action", start);
      if (parts[word] !== undefined) this.#fail(`'${word}' is given twice`, start);
      if (word === "action") parts.action = this.#braced(() => this.#action());
      else parts[word] = this.#braced(() => this.#or(0));
    }
    const { action, ...conditions } = parts;
    return { kind: "policy", ...head, ...conditions, action: action ?? this.#fail(`the policy '${head.name}' has no action`) };
  }

  #route(head: { readonly name: string; readonly line: number }): OriginalRoute {
    let when: OriginalCondition | undefined;
    let use: readonly string[] = [];
    for (;;) {
      const start = this.#skip();
      if (this.#is("}")) break;
      const word = this.#match(WORD);
      if (word === "when" && when === undefined) when = this.#braced(() => this.#or(0));
      else if (word === "use" && use.length === 0) use = this.#texts();
      else this.#fail(word === "when" || word === "use" ? `'${word}' is given twice` : "expected when or use", start);
    }
    if (use.length === 0) this.#fail(`the route '${head.name}' has no backend`);
    return { kind: "route", ...head, ...(when !== undefined && { when }), use };
  }

  #action(): OriginalAction {
    const start = this.#skip();
    const word = this.#match(WORD);
    if (word === "allow") return { kind: "allow" };
    if (word === "redirect") return { kind: "redirect", url: this.#string("a link") };
    if (word !== "deny") this.#fail("expected allow, deny or redirect", start);
    const mark = this.#at;
    this.#match(BLANK);
    if (this.#match(WORD) !== "explain-template") {
      this.#at = mark;
      return { kind: "deny" };
    }
    this.#expect("=");
    return { kind: "deny", template: this.#string("the path of a template") };
  }

  /** A body may stand in braces of its own. */
  #braced<T>(read: () => T): T {
    this.#skip();
    if (!this.#is("{")) return read();
    this.#expect("{");
    const body = read();
    this.#expect("}");
    return body;
  }

  #or(depth: number): OriginalCondition {
    return this.#chain("or", () => this.#chain("and", () => this.#not(depth)));
  }

  #chain(kind: "and" | "or", operand: () => OriginalCondition): OriginalCondition {
    let left = operand();
    while (this.#accept(kind)) left = { kind, left, right: operand() };
    return left;
  }

  #not(depth: number): OriginalCondition {
    if (depth > MAX_DEPTH) this.#fail(`conditions are nested at most ${MAX_DEPTH} deep`);
    if (this.#accept("not")) return { kind: "not", operand: this.#atom(depth) };
    return this.#atom(depth);
  }

  #atom(depth: number): OriginalCondition {
    const start = this.#skip();
    if (this.#is("(")) {
      this.#expect("(");
      const inner = this.#or(depth + 1);
      this.#expect(")");
      return inner;
    }
    const line = this.#text.slice(0, start).split("\n").length;
    const left = this.#operand();
    this.#match(BLANK);
    const comparator = (this.#match(COMPARATOR) ?? this.#fail("expected a comparison: == != =~ <= >= < > in")) as OriginalComparator;
    return { kind: "compare", line, left, comparator, right: this.#right(comparator) };
  }

  #right(comparator: OriginalComparator): OriginalOperand {
    if (comparator === "in") return { kind: "texts", values: this.#texts() };
    if (comparator === "=~") return { kind: "regex", value: this.#string("a regular expression in quotes") };
    if (comparator === "==" || comparator === "!=") return this.#operand();
    this.#match(BLANK);
    return this.#number() ?? this.#fail(`expected a number after '${comparator}'`);
  }

  #operand(): OriginalOperand {
    this.#match(BLANK);
    const number = this.#number();
    if (number !== undefined) return number;
    if (this.#is('"')) return { kind: "text", value: this.#string("a text") };
    const path = this.#match(PATH) ?? this.#fail("expected a variable, a text, a number, true or false");
    return path === "true" || path === "false" ? { kind: "truth", value: path === "true" } : { kind: "variable", path };
  }

  #number(): OriginalOperand | undefined {
    const start = this.#at;
    const digits = this.#match(NUMBER);
    if (digits === undefined) return undefined;
    const value = Number(digits);
    return Number.isSafeInteger(value) ? { kind: "number", value } : this.#fail("numbers here are within ±(2^53−1)", start);
  }

  #texts(): readonly string[] {
    this.#expect("[");
    const values: string[] = [];
    for (;;) {
      this.#skip();
      if (this.#is("]")) break;
      values.push(this.#string("a text"));
      this.#skip();
      if (!this.#is("]")) this.#expect(",");
    }
    this.#expect("]");
    return values;
  }

  #string(what: string): string {
    this.#match(BLANK);
    const quoted = this.#match(TEXT) ?? this.#fail(`expected ${what}`);
    return quoted.slice(1, -1);
  }

  /** Take a word when it stands there whole. */
  #accept(word: string): boolean {
    const mark = this.#at;
    this.#match(BLANK);
    if (this.#match(WORD) === word) return true;
    this.#at = mark;
    return false;
  }

  #skip(): number {
    this.#match(BLANK);
    return this.#at;
  }

  #is(mark: string): boolean {
    return this.#text.startsWith(mark, this.#at);
  }

  #expect(mark: string): void {
    this.#match(BLANK);
    if (!this.#is(mark)) this.#fail(`expected '${mark}'`);
    this.#at += mark.length;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #fail(message: string, at = this.#at): never {
    const found = this.#text.slice(at, at + 20).split("\n")[0] ?? "";
    throw new Mistake(at, `${message}, found ${found === "" ? "the end" : `'${found}'`}`);
  }
}
