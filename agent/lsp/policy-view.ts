import type { Problem, TestResult } from "../contract/index.ts";
import {
  type AttributeTable,
  attributesOf,
  type Comment,
  type Item,
  lex,
  loadPolicy,
  type LoadResult,
  type ParsedPolicy,
  parsePolicy,
  runTests,
  type Span,
  type Token,
} from "../policy/index.ts";
import { type Block, findBlocks } from "./blocks.ts";
import { TextLines } from "./text-lines.ts";

/** What the loader needs from outside. */
export interface PolicyFiles {
  /** SHA-256 as lower-case hex. */
  readonly hash: (content: string | Uint8Array) => string;
  /** The content of a set by its reference, beside the policy at this address; `undefined`: not there. */
  readonly readSet: (uri: string, reference: string) => string | Uint8Array | undefined;
}

/** In a longer text only mistakes are told: to answer while somebody types, all of it would have to be read at each key. */
const MAX_TEXT = 1024 * 1024;

/** One text of a policy and all that is known of it, each thing worked out when it is first asked for. */
export class PolicyView {
  readonly uri: string;
  readonly text: string;
  readonly lines: TextLines;
  readonly #files: PolicyFiles;
  #parsed: ParsedPolicy | undefined;
  #lexed: ReturnType<typeof lex> | undefined;
  #blocks: readonly Block[] | undefined;
  #attributes: AttributeTable | undefined;
  #loaded: LoadResult | undefined;
  #tests: readonly TestResult[] | undefined;

  constructor(uri: string, text: string, files: PolicyFiles) {
    this.uri = uri;
    // The loader takes a byte order mark off; a space keeps every place where the editor has it.
    this.text = text.replace(/^\uFEFF/, " ");
    this.lines = new TextLines(this.text);
    this.#files = files;
  }

  get isTooLong(): boolean {
    return this.text.length > MAX_TEXT;
  }

  get parsed(): ParsedPolicy {
    return (this.#parsed ??= parsePolicy(this.isTooLong ? "" : this.text));
  }

  get items(): readonly Item[] {
    return this.parsed.tree.items;
  }

  get tokens(): readonly Token[] {
    return this.#lex().tokens;
  }

  get comments(): readonly Comment[] {
    return this.#lex().comments;
  }

  get blocks(): readonly Block[] {
    return (this.#blocks ??= findBlocks(this.tokens, this.text));
  }

  get attributes(): AttributeTable {
    return (this.#attributes ??= attributesOf(this.parsed.tree, this.text));
  }

  get problems(): readonly Problem[] {
    return this.#load().problems;
  }

  /** The embedded tests' results; `undefined` while the policy has mistakes. */
  get tests(): readonly TestResult[] | undefined {
    const { policy } = this.#load();
    return policy && (this.#tests ??= runTests(policy));
  }

  itemsNamed(name: string, ...kinds: readonly Item["kind"][]): readonly Item[] {
    return this.items.filter((item) => item.name.text === name && kinds.includes(item.kind));
  }

  textOf({ offset, length }: Span): string {
    return this.text.slice(offset, offset + length);
  }

  /** Where a problem's line and column lie in the text. The loader's lines end with `\n` only, and its columns count characters from 1. */
  spanOf({ line, column, endColumn }: Pick<Problem, "line" | "column" | "endColumn">): Span {
    const start = this.#startOf(line);
    const end = this.text.indexOf("\n", start);
    const lineText = this.text.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
    const from = unitsOf(lineText, column - 1);
    const to = unitsOf(lineText, Math.max((endColumn ?? column + 1) - 1, column));
    return { offset: start + from, length: Math.max(to - from, 0) };
  }

  #startOf(line: number): number {
    let start = 0;
    for (let at = 1; at < line; at += 1) {
      const end = this.text.indexOf("\n", start);
      if (end < 0) return start;
      start = end + 1;
    }
    return start;
  }

  #lex(): ReturnType<typeof lex> {
    return (this.#lexed ??= lex(this.isTooLong ? "" : this.text));
  }

  #load(): LoadResult {
    const { hash, readSet } = this.#files;
    const options = { file: this.uri, hash, readSet: (reference: string) => readSet(this.uri, reference) };
    return (this.#loaded ??= loadPolicy(this.text, options));
  }
}

/** How many UTF-16 units the first characters of a line take. */
function unitsOf(line: string, characters: number): number {
  let units = 0;
  for (const letter of line) {
    if (characters-- <= 0) break;
    units += letter.length;
  }
  return units;
}
