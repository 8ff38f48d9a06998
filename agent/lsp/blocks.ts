import type { Token } from "../policy/index.ts";
import { type ItemWord, isItemWord } from "./words.ts";

/** Where a block begins and ends among the tokens, however broken it is inside. */
export interface Block {
  readonly kind: ItemWord;
  /** Index of its first token, the word of its kind. */
  readonly first: number;
  /** Index of its closing brace; absent: it goes on to the next block. */
  readonly last?: number;
}

/**
 * The blocks of a text by their outer form alone: a word of a block's kind that begins a line opens one, as the parser has it when it goes
 * on behind a mistake, and so does one behind the end of another.
 */
export function findBlocks(tokens: readonly Token[], text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { readonly kind: ItemWord; readonly first: number } | undefined;
  let depth = 0;
  const close = (last?: number): void => {
    if (open !== undefined) blocks.push({ ...open, ...(last !== undefined && { last }) });
    open = undefined;
    depth = 0;
  };
  for (const [index, token] of tokens.entries()) {
    if (isOpening(tokens, index, { text, depth, first: open?.first })) {
      close();
      open = { kind: token.text as ItemWord, first: index };
    } else if (token.kind === "mark" && token.text === "{") depth += 1;
    else if (token.kind === "mark" && token.text === "}" && --depth <= 0) close(index);
  }
  close();
  return blocks;
}

interface Place {
  readonly text: string;
  readonly depth: number;
  /** Where the block began that is open. */
  readonly first: number | undefined;
}

/** After these, outside of all braces, a word of a block's kind is a name or a value. */
const JOINERS: ReadonlySet<string> = new Set(["and", "or", "not", "in", "to", "from", "portail"]);
const CLOSERS: ReadonlySet<string> = new Set(["}", "]", ")"]);

function isOpening(tokens: readonly Token[], index: number, { text, depth, first }: Place): boolean {
  const token = tokens[index];
  const before = tokens[index - 1];
  if (token?.kind !== "word" || !isItemWord(token.text) || (before !== undefined && first === index - 1)) return false;
  if (before?.text === "portail") return false;
  const letter = text.charAt(token.offset - 1);
  if (letter === "" || letter === "\n" || letter === "\r") return true;
  if (depth > 0) return false;
  return before === undefined || (before.kind === "mark" ? CLOSERS.has(before.text) : !JOINERS.has(before.text));
}
