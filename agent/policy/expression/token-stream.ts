import { type ExpressionCode, type Problem, problemAt, type Span } from "./problem.ts";
import { scanToken } from "./scan-token.ts";
import { type Comment, describeToken, type Token } from "./token.ts";

const BLANK = /(?:[ \t\r\n\f\v]+)/y;
const COMMENT = /(?:#|\/\/)[^\r\n]*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*/y;

/** Where a stream stood, to go back to. */
export interface Mark {
  readonly offset: number;
  readonly previous: Token | undefined;
}

/**
 * A cursor over a policy text that expression and block parser share. Tokens are read when asked for, so a text of
 * many megabytes costs no array of tokens. Nothing throws: `fail` notes a problem and answers `undefined`, which
 * parsers pass upwards.
 */
export class TokenStream {
  readonly source: string;
  /** In the order in which they were met. */
  readonly problems: Problem[] = [];
  #offset = 0;
  #previous: Token | undefined;
  #current: Token | undefined;
  #comments: Comment[] = [];
  #commentsUpTo = 0;

  constructor(source: string) {
    this.source = source;
  }

  /** All comments before the current token, in order. */
  get comments(): readonly Comment[] {
    return this.#comments;
  }

  /** The token that was taken last. */
  get previous(): Token | undefined {
    return this.#previous;
  }

  /** The next token, without taking it. After the last one it is `end`, for ever. */
  peek(): Token {
    if (this.#current === undefined) {
      this.#skipBlanks();
      this.#current = scanToken(this.source, this.#offset, this.#previous);
    }
    return this.#current;
  }

  /** Take the next token. */
  next(): Token {
    const token = this.peek();
    this.#previous = token;
    this.#offset = token.offset + token.length;
    this.#current = undefined;
    return token;
  }

  /** The token after the next one. */
  peekSecond(): Token {
    const mark = this.mark();
    this.next();
    const second = this.peek();
    this.reset(mark);
    return second;
  }

  /** Whether the next token is this word or mark. */
  is(text: string): boolean {
    const token = this.peek();
    return token.text === text && (token.kind === "word" || token.kind === "mark");
  }

  /** Take the next token when it is this word or mark. */
  accept(text: string): Token | undefined {
    return this.is(text) ? this.next() : undefined;
  }

  /** Take this word or mark, or note that it is missing. */
  expect(text: string, where = ""): Token | undefined {
    return this.accept(text) ?? this.fail(`expected '${text}'${where === "" ? "" : ` ${where}`}, found ${describeToken(this.peek())}`);
  }

  /** Take a name such as `git-push`: words and digits joined by hyphens, without spaces. */
  acceptName(): (Span & { readonly text: string }) | undefined {
    const start = this.peek();
    if (start.kind !== "word") return undefined;
    NAME.lastIndex = start.offset;
    const text = NAME.exec(this.source)?.[0] ?? start.text;
    const name: Token = { kind: "word", text, offset: start.offset, length: text.length };
    this.#previous = name;
    this.#offset = name.offset + name.length;
    this.#current = undefined;
    return name;
  }

  /** Note a problem, at the next token unless a span is given, and answer `undefined`. */
  fail(message: string, options: { readonly code?: ExpressionCode; readonly span?: Span; readonly hint?: string } = {}): undefined {
    const token = this.peek();
    const bad = token.kind === "bad" && options.span === undefined;
    this.problems.push(
      problemAt(options.span ?? token, options.code ?? (bad ? "E_LITERAL" : "E_SYNTAX"), bad ? token.value : message, options.hint),
    );
    return undefined;
  }

  mark(): Mark {
    return { offset: this.#offset, previous: this.#previous };
  }

  /** Go back (or forward) to a mark. Problems already noted stay. */
  reset(mark: Mark): void {
    this.#offset = mark.offset;
    this.#previous = mark.previous;
    this.#current = undefined;
  }

  #skipBlanks(): void {
    for (;;) {
      BLANK.lastIndex = this.#offset;
      if (BLANK.test(this.source)) this.#offset = BLANK.lastIndex;
      if (!this.#skipComment()) return;
    }
  }

  #skipComment(): boolean {
    COMMENT.lastIndex = this.#offset;
    const text = COMMENT.exec(this.source)?.[0];
    if (text === undefined) return false;
    if (this.#offset >= this.#commentsUpTo) {
      this.#comments.push({ text, offset: this.#offset, length: text.length });
      this.#commentsUpTo = this.#offset + text.length;
    }
    this.#offset += text.length;
    return true;
  }
}

/** Every token of a text, the final `end` included, and its comments. For tools; parsers read a `TokenStream`. */
export function lex(source: string): { readonly tokens: readonly Token[]; readonly comments: readonly Comment[] } {
  const stream = new TokenStream(source);
  const tokens: Token[] = [];
  for (;;) {
    const token = stream.next();
    tokens.push(token);
    if (token.kind === "end") return { tokens, comments: stream.comments };
  }
}
