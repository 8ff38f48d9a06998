import { describeToken, type Span, type Token, type TokenStream } from "./expression/index.ts";
import type { Word } from "./tree.ts";

/** From a token to the one that was taken last. */
export function spanFrom(stream: TokenStream, start: Span): Span {
  const last = stream.previous ?? start;
  return { offset: start.offset, length: Math.max(last.offset + last.length - start.offset, 0) };
}

/** Take one word of a closed list, or note which were possible. */
export function oneOf<W extends string>(stream: TokenStream, words: readonly W[], what: string): W | undefined {
  const token = stream.peek();
  const word = token.kind === "word" ? words.find((candidate) => candidate === token.text) : undefined;
  if (word === undefined) return stream.fail(`expected ${what} (${words.join(", ")}), found ${describeToken(token)}`);
  stream.next();
  return word;
}

export function readString(stream: TokenStream, what: string): Word | undefined {
  const token = stream.peek();
  if (token.kind !== "string") return stream.fail(`expected ${what} in quotes, found ${describeToken(token)}`);
  stream.next();
  return wordOf(token, token.value);
}

export function readDuration(stream: TokenStream): (Word & { readonly ms: number }) | undefined {
  const token = stream.peek();
  if (token.kind !== "duration") return stream.fail(`expected a duration such as 15m, 8h or 14d, found ${describeToken(token)}`);
  stream.next();
  return { ...wordOf(token, token.text), ms: token.value };
}

export function readInt(stream: TokenStream, what: string): number | undefined {
  const token = stream.peek();
  if (token.kind !== "int") return stream.fail(`expected ${what}, found ${describeToken(token)}`);
  stream.next();
  return token.value;
}

/** A block's name: words and digits joined by hyphens. */
export function readName(stream: TokenStream, what: string): Word | undefined {
  const token = stream.peek();
  const name = stream.acceptName();
  return name === undefined ? stream.fail(`expected ${what}, found ${describeToken(token)}`) : wordOf(name, name.text);
}

/** `device.os.version`. */
export function readPath(stream: TokenStream, what = "an attribute"): Word | undefined {
  const start = stream.peek();
  if (start.kind !== "word") return stream.fail(`expected ${what}, found ${describeToken(start)}`);
  let text = stream.next().text;
  while (stream.accept(".") !== undefined) {
    const part = stream.peek();
    if (part.kind !== "word") return stream.fail(`expected a name after '${text}.', found ${describeToken(part)}`);
    text += `.${stream.next().text}`;
  }
  return wordOf(spanFrom(stream, start), text);
}

/** Longer lists live in files that are named by their hash. */
const MAX_WORDS = 10_000;
const LONG_LIST = 'put it into a file: set name = hosts from "sha256:…"';

/** `["a", "b"]`; a trailing comma is fine. */
export function readStrings(stream: TokenStream, what: string): Word[] | undefined {
  if (stream.expect("[", `before ${what}`) === undefined) return undefined;
  const words: Word[] = [];
  while (stream.accept("]") === undefined) {
    const word = readString(stream, what);
    if (word === undefined) return undefined;
    words.push(word);
    if (words.length > MAX_WORDS)
      return stream.fail(`a list has at most ${MAX_WORDS} entries`, { code: "E_LIMIT", span: word, hint: LONG_LIST });
    if (stream.accept(",") === undefined && !stream.is("]"))
      return stream.fail(`expected ',' or ']', found ${describeToken(stream.peek())}`);
  }
  return words;
}

/** The token's text and place alone: trees that are kept hold no tokens. */
export function wordOf(at: Span | Token, text: string): Word {
  return { text, offset: at.offset, length: at.length };
}
