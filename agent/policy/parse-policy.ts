import { describeToken, type Problem as ExpressionProblem, type Span, TokenStream } from "./expression/index.ts";
import { parseAttribute, parseBreakGlass, parseReveal, parseSet } from "./parse-declarations.ts";
import { parseGuard, parseLet, parseLifeline, parsePolicyBlock, parseRoute } from "./parse-rules.ts";
import { parseFixture, parseTest } from "./parse-tests.ts";
import { suggest } from "./suggest.ts";
import type { Item, PolicyFile } from "./tree.ts";
import { spanFrom } from "./words.ts";

export interface ParsedPolicy {
  /** What could be read; with problems it is incomplete. */
  readonly tree: PolicyFile;
  readonly problems: readonly ExpressionProblem[];
  /** Comments with their places, for warnings that are silenced in the text. */
  readonly comments: TokenStream["comments"];
}

/** After this many mistakes the rest of the text is not read. */
const MAX_PROBLEMS = 100;

type ItemParser = (stream: TokenStream) => object | undefined;

const PARSERS: ReadonlyMap<string, ItemParser> = new Map<Item["kind"], ItemParser>([
  ["attribute", parseAttribute],
  ["set", parseSet],
  ["let", parseLet],
  ["lifeline", parseLifeline],
  ["guard", parseGuard],
  ["policy", parsePolicyBlock],
  ["route", parseRoute],
  ["break_glass", parseBreakGlass],
  ["reveal", parseReveal],
  ["fixture", parseFixture],
  ["test", parseTest],
]);

/** Text to tree. Every mistake is noted, and reading goes on at the next block. */
export function parsePolicy(text: string, maxItems = Number.POSITIVE_INFINITY): ParsedPolicy {
  const stream = new TokenStream(text);
  const items: Item[] = [];
  const excess = findExcess(text, maxItems);
  if (excess !== undefined) failExcess(stream, maxItems, { offset: excess, length: 1 });
  else if (readHeader(stream)) readItems(stream, items, maxItems);
  return { tree: { version: 1, items }, problems: stream.problems, comments: stream.comments };
}

function readHeader(stream: TokenStream): boolean {
  if (stream.accept("portail") === undefined || stream.accept("policy") === undefined) {
    stream.fail("a policy begins with the line 'portail policy 1'");
    return false;
  }
  const version = stream.peek();
  if (version.kind === "int" && version.value === 1) return stream.next() !== undefined;
  stream.fail(`this version of the language is not known: ${describeToken(version)}`, { hint: "the first line is 'portail policy 1'" });
  return false;
}

function readItems(stream: TokenStream, items: Item[], maxItems: number): void {
  while (stream.peek().kind !== "end") {
    const item = readItem(stream);
    if (item !== undefined) items.push(item);
    else skipToNextItem(stream);
    if (items.length > maxItems) failExcess(stream, maxItems, stream.previous ?? stream.peek());
    if (stream.problems.length >= MAX_PROBLEMS || items.length > maxItems) return;
  }
}

function failExcess(stream: TokenStream, maxItems: number, span: Span): void {
  stream.fail(`a policy has at most ${maxItems} blocks`, {
    code: "E_LIMIT",
    span,
    hint: "many rules that differ by host are one rule with a set",
  });
}

function readItem(stream: TokenStream): Item | undefined {
  const start = stream.peek();
  const parse = start.kind === "word" ? PARSERS.get(start.text) : undefined;
  if (parse === undefined) {
    const hint = suggest(start.text, PARSERS.keys());
    return stream.fail(`expected a block such as policy, guard or set, found ${describeToken(start)}`, hint === undefined ? {} : { hint });
  }
  stream.next();
  const block = parse(stream);
  // The table above pairs each kind with its parser; the pairing is what makes this an Item.
  return block === undefined ? undefined : ({ kind: start.text, ...block, at: spanFrom(stream, start) } as Item);
}

/**
 * To the next word of a block's kind that begins a line: what stands between is part of the mistake. It is looked for in the plain text,
 * because a text that is broken may be broken for megabytes.
 */
function skipToNextItem(stream: TokenStream): void {
  const begin = new RegExp(ITEM_BEGIN, "gm");
  begin.lastIndex = stream.mark().offset;
  const offset = begin.exec(stream.source)?.index ?? stream.source.length;
  stream.reset({ offset, previous: undefined });
}

const ITEM_BEGIN = `^(?:${[...PARSERS.keys()].join("|")})\\b`;

/** The place of the block that is one too many, without reading any: counted where blocks begin lines. */
function findExcess(text: string, maxItems: number): number | undefined {
  if (text.length / SHORTEST_ITEM <= maxItems) return undefined;
  const begin = new RegExp(ITEM_BEGIN, "gm");
  for (let count = 0; begin.test(text); count++) if (count === maxItems) return begin.lastIndex;
  return undefined;
}

/** `let a = b` and its line's end. */
const SHORTEST_ITEM = 10;
