import { describeToken, parseExpression, parseType, type TokenStream } from "./expression/index.ts";
import { closes, type Parsed, parseWhen, readOpening } from "./parse-rules.ts";
import { parseValue } from "./parse-value.ts";
import type { AttributeBlock, BreakGlassBlock, RevealBlock, RevealLine, RevealTarget, SetBlock, Word } from "./tree.ts";
import { readSettings, settings, take } from "./settings.ts";
import { oneOf, readDuration, readInt, readName, readPath, readString, readStrings, spanFrom } from "./words.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type AttributeSettings = Mutable<Omit<AttributeBlock, "name" | "at" | "kind">>;

const ATTRIBUTE_SETTINGS = settings<AttributeSettings>({
  source: (stream, block) => take(parseSource(stream), (source) => (block.source = source)),
  max_age: (stream, block) => take(readDuration(stream), (age) => (block.maxAgeMs = age.ms)),
  stale: (stream, block) => take(readDuration(stream), (age) => (block.staleMs = age.ms)),
  fallback: (stream, block) => take(parseValue(stream), (value) => (block.fallback = value)),
  class: (stream, block) => take(readName(stream, "a class"), (word) => (block.class = word)),
  optional: (_stream, block) => (block.optional = true),
});

/** `attribute device.managed: bool { source inventory("Managed") max_age 1h }` */
export function parseAttribute(stream: TokenStream): Parsed<AttributeBlock> {
  const name = readPath(stream, "the attribute's path");
  if (name === undefined) return undefined;
  const type = stream.accept(":") === undefined ? null : parseTypeAt(stream);
  if (type === undefined || stream.expect("{", "after the attribute") === undefined) return undefined;
  const block: AttributeSettings = { optional: false };
  if (!readSettings(stream, ATTRIBUTE_SETTINGS, block, { of: "attribute" }) || !closes(stream, "attribute")) return undefined;
  return { name, ...(type && { type }), ...block };
}

function parseTypeAt(stream: TokenStream): AttributeBlock["type"] {
  const start = stream.peek();
  const type = parseType(stream);
  return type && { type, at: spanFrom(stream, start) };
}

function parseSource(stream: TokenStream): AttributeBlock["source"] {
  const name = readName(stream, "the name of a source");
  if (name === undefined || stream.accept("(") === undefined) return name && { name };
  const argument = readString(stream, "the source's own name for it");
  return argument && stream.expect(")") && { name, argument: argument.text };
}

/** `set forges = hosts ["git.corp.example"]`, `set malware = hosts from "sha256:…"` */
export function parseSet(stream: TokenStream): Parsed<SetBlock> {
  const name = readName(stream, "the name of the set");
  if (name === undefined || stream.expect("=", "after the name") === undefined) return undefined;
  const of = stream.accept("hosts") ? "hosts" : stream.accept("nets") ? "nets" : "plain";
  if (of !== "plain" && stream.accept("from") !== undefined) {
    const reference = readString(stream, 'the hash of a file, "sha256:…"');
    return reference && { name, of, entries: [], reference };
  }
  const entries = readStrings(stream, "an entry of the set");
  return entries && { name, of, entries };
}

type BreakGlassSettings = Partial<Mutable<Omit<BreakGlassBlock, "name" | "at" | "kind">>>;

const BREAK_GLASS_SETTINGS = settings<BreakGlassSettings>({
  when: (stream, block) => take(parseExpression(stream), (when) => (block.when = when)),
  max: (stream, block) => take(readDuration(stream), (age) => (block.maxMs = age.ms)),
  quorum: (stream, block) => take(readInt(stream, "how many keys must sign"), (count) => (block.quorum = count)),
  keys: (stream, block) => take(readStrings(stream, "the name of a key"), (keys) => (block.keys = keys)),
  note: (stream, block) => take(readString(stream, "a sentence"), (note) => (block.note = note.text)),
});

export function parseBreakGlass(stream: TokenStream): Parsed<BreakGlassBlock> {
  const name = readOpening(stream, "break_glass");
  if (name === undefined) return undefined;
  const block: BreakGlassSettings = {};
  if (!readSettings(stream, BREAK_GLASS_SETTINGS, block, { of: "break_glass" }) || !closes(stream, "break_glass")) return undefined;
  const { when, maxMs, quorum, keys } = block;
  if (when === undefined || maxMs === undefined || quorum === undefined || keys === undefined) {
    return stream.fail("a break_glass needs when, max, quorum and keys", { span: name });
  }
  return { ...block, name, when, maxMs, quorum, keys };
}

const HOW = ["show", "hide", "mask", "hash", "coarse"] as const;

/** `reveal page to user { when device.trust >= 3 show decision.rule mask user.email }` */
export function parseReveal(stream: TokenStream): Parsed<RevealBlock> {
  const name = readName(stream, "the name of the reveal");
  if (name === undefined || stream.expect("to", "and an audience") === undefined) return undefined;
  const to = readName(stream, "an audience");
  if (to === undefined || stream.expect("{", "after the audience") === undefined) return undefined;
  const when = parseWhen(stream);
  if (when === undefined) return undefined;
  const lines: RevealLine[] = [];
  while (stream.accept("}") === undefined) {
    const line = parseRevealLine(stream);
    if (line === undefined) return undefined;
    lines.push(line);
  }
  return { name, to, ...(when && { when }), lines };
}

function parseRevealLine(stream: TokenStream): RevealLine | undefined {
  const how = oneOf(stream, HOW, "what to do");
  if (how === undefined) return undefined;
  const what: RevealTarget[] = [];
  do {
    const target = parseRevealTarget(stream);
    if (target === undefined) return undefined;
    what.push(target);
  } while (stream.accept(",") !== undefined);
  return { how, what };
}

function parseRevealTarget(stream: TokenStream): RevealTarget | undefined {
  const start = stream.peek();
  if (stream.accept("*") !== undefined) return { kind: "all", at: spanFrom(stream, start) };
  if (stream.is("class") && stream.peekSecond().text === "(") return parseRevealClasses(stream);
  const path = readPath(stream);
  return path && { kind: "path", path: path.text, at: { offset: path.offset, length: path.length } };
}

function parseRevealClasses(stream: TokenStream): RevealTarget | undefined {
  const start = stream.next();
  stream.next();
  const classes: Word[] = [];
  do {
    const word = readName(stream, "a class");
    if (word === undefined) return undefined;
    classes.push(word);
  } while (stream.accept(",") !== undefined);
  if (stream.accept(")") === undefined) return stream.fail(`expected ',' or ')', found ${describeToken(stream.peek())}`);
  return { kind: "class", classes, at: spanFrom(stream, start) };
}
