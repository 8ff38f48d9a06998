import type { Token, Word } from "../policy/index.ts";
import type { Block } from "./blocks.ts";
import { type Expected, expectedAfter } from "./expected.ts";
import type { PolicyView } from "./policy-view.ts";

/** A place in a policy: the word that touches it, and what may stand there. */
export interface Surroundings {
  /** With an empty text where the place touches no word. */
  readonly word: Word;
  readonly expected: Expected;
  readonly block: Block | undefined;
  /** The block's tokens before the word. */
  readonly before: readonly Token[];
}

/** These are written with hyphens; everything else with dots. */
const NAMED: ReadonlySet<Expected["kind"]> = new Set(["rule", "fixture", "scope", "label", "name"]);

const NAME = { left: /[A-Za-z_][\w-]*$/, right: /^[\w-]*/ };
const PATH = { left: /[A-Za-z_][\w.]*$/, right: /^[\w.]*/ };

/** No name is longer; a line of a million letters is not searched. */
const MAX_WORD = 500;

/** What stands at an offset; `undefined` inside comments, strings and numbers, where the language has nothing to say. */
export function surroundingsAt(view: PolicyView, offset: number): Surroundings | undefined {
  if (isInComment(view, offset) || isInLiteral(view, offset)) return undefined;
  const name = around(view, wordAround(view.text, offset, NAME));
  return NAMED.has(name.expected.kind) ? name : around(view, wordAround(view.text, offset, PATH));
}

function around(view: PolicyView, word: Word): Surroundings {
  const end = firstFrom(view.tokens, word.offset);
  const block = view.blocks.findLast(({ first }) => first < end);
  const isInside = block !== undefined && (block.last === undefined || block.last >= end);
  const before = isInside ? view.tokens.slice(block.first, end) : [];
  return { word, block: isInside ? block : undefined, before, expected: expectedAfter(isInside ? block.kind : undefined, before) };
}

function wordAround(text: string, offset: number, { left, right }: typeof NAME): Word {
  const start = left.exec(text.slice(Math.max(0, offset - MAX_WORD), offset))?.[0] ?? "";
  const rest = start === "" ? /^[A-Za-z_]/.test(text.charAt(offset)) : true;
  const end = rest ? (right.exec(text.slice(offset, offset + MAX_WORD))?.[0] ?? "") : "";
  return { text: start + end, offset: offset - start.length, length: start.length + end.length };
}

/** Index of the first token that begins at the offset or behind it. */
function firstFrom(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.offset ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isInComment({ comments }: PolicyView, offset: number): boolean {
  return comments.some((comment) => offset > comment.offset && offset <= comment.offset + comment.length);
}

function isInLiteral({ tokens }: PolicyView, offset: number): boolean {
  const token = tokens[firstFrom(tokens, offset) - 1];
  if (token === undefined || token.kind === "word" || token.kind === "mark") return false;
  const end = token.offset + token.length;
  // An unclosed string goes on where it ends; behind a closed one begins something new, but a number is still being typed.
  return token.kind === "string" || token.kind === "regex" || token.kind === "quoted" ? offset < end : offset <= end;
}
