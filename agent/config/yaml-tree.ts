import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments, type YAMLError } from "yaml";
import type { Problem } from "../contract/index.ts";
import { type Mistake, problemAt, type Range, type Source } from "./problem-at.ts";

/** Keys and indexes from the top of the file. */
export type Path = readonly PropertyKey[];

/** Plain data out of YAML, and where each part of it stands. */
export interface YamlTree {
  readonly value: unknown;
  /** Where the value stands; the nearest parent that is there for a path that is not. */
  placeOf(path: Path): Range;
  /** Where the key itself stands; the value's place for items of lists. */
  keyPlaceOf(path: Path): Range;
}

export const maxConfigBytes = 1024 * 1024;

/** Nodes after anchors are followed; a file that one person can oversee has a few hundred. */
const MOST_NODES = 50_000;
const MOST_PROBLEMS = 50;

/** Reads one YAML document. Never throws: whatever the bytes are, there is a tree or there are problems with a place. */
export function parseYaml(source: Source): { readonly tree: YamlTree } | { readonly problems: readonly Problem[] } {
  if (Buffer.byteLength(source.text) > maxConfigBytes) return { problems: [problemAt(source, [0, 0], TOO_LARGE)] };
  try {
    return readDocuments(source);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return { problems: [problemAt(source, [0, 0], TOO_DEEP)] };
  }
}

const TOO_LARGE: Mistake = {
  code: "E_SIZE",
  message: "the file is larger than 1 MB",
  hint: "long lists of hosts belong into the policy's sets",
};
const TOO_DEEP: Mistake = { code: "E_YAML", message: "the file is nested too deeply" };
const TOO_MANY: Mistake = { code: "E_YAML", message: "the anchors of the file multiply to too many values", hint: "write the values out" };
const ROUND: Mistake = { code: "E_YAML", message: "this anchor contains itself" };

function readDocuments(source: Source): { readonly tree: YamlTree } | { readonly problems: readonly Problem[] } {
  const parsed = parseAllDocuments(source.text, { prettyErrors: false, strict: true, uniqueKeys: true, stringKeys: true, schema: "core" });
  const documents: readonly Document.Parsed[] = Array.isArray(parsed) ? parsed : [];
  const [first, second] = documents;
  if (first === undefined) return { tree: emptyTree() };
  const troubles = [...first.errors, ...first.warnings].slice(0, MOST_PROBLEMS);
  if (troubles.length > 0)
    return { problems: troubles.map((trouble) => problemAt(source, rangeOfTrouble(source, trouble), describe(trouble))) };
  if (second !== undefined) return { problems: [problemAt(source, [second.range[0], second.range[0]], SECOND_DOCUMENT)] };
  return walk(source, first);
}

const SECOND_DOCUMENT: Mistake = {
  code: "E_YAML",
  message: "a second document begins here",
  hint: "the file holds one document; remove the line `---`",
};

/** The library marks one letter of a key that was written twice. */
function rangeOfTrouble({ text }: Source, { code, pos: [start, end] }: YAMLError): Range {
  return code === "DUPLICATE_KEY" ? [start, start + (/^[^\s:]+/.exec(text.slice(start, start + 200))?.[0].length ?? 1)] : [start, end];
}

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "indent with blanks",
  DUPLICATE_KEY: "merge the two, or remove one",
  BAD_INDENT: "keys of one block begin in one column",
  BLOCK_AS_IMPLICIT_KEY: "put quotes around a value that contains `: `",
  NON_STRING_KEY: "put quotes around the key",
  RESOURCE_EXHAUSTION: "nest less deeply",
};

function describe({ code, message }: YAMLError): Mistake {
  if (code === "DUPLICATE_KEY") return { code: "E_DUPLICATE_KEY", message: "this key was written before", hint: HINTS[code] };
  return { code: "E_YAML", message: message.replace(/^./, (letter) => letter.toLowerCase()), hint: HINTS[code] };
}

interface Place {
  readonly key: Range;
  readonly value: Range;
}

/** Thrown inside `walk` only, to leave the recursion with the place of the trouble. */
class Stop extends Error {
  readonly mistake: Mistake;
  readonly range: Range;
  constructor(mistake: Mistake, range: Range) {
    super(mistake.message);
    this.mistake = mistake;
    this.range = range;
  }
}

function walk(source: Source, document: Document.Parsed): { readonly tree: YamlTree } | { readonly problems: readonly Problem[] } {
  const places = new Map<string, Place>();
  const reader: Reader = { document, places, nodes: 0, within: new Set() };
  try {
    const value = readNode(reader, document.contents, []);
    return {
      tree: { value: value ?? {}, placeOf: (path) => placeIn(places, path).value, keyPlaceOf: (path) => placeIn(places, path).key },
    };
  } catch (cause) {
    if (!(cause instanceof Stop)) throw cause;
    return { problems: [problemAt(source, cause.range, cause.mistake)] };
  }
}

interface Reader {
  readonly document: Document.Parsed;
  readonly places: Map<string, Place>;
  nodes: number;
  /** Collections on the way down to here: an alias to one of them never ends. */
  readonly within: Set<unknown>;
}

/** `seenAt`: where the file shows the value, which is the alias for what an anchor holds. */
function readNode(reader: Reader, node: ParsedNode | null, path: Path, seenAt?: Place): unknown {
  const value: Range = seenAt?.value ?? rangeOf(node);
  if (++reader.nodes > MOST_NODES) throw new Stop(TOO_MANY, value);
  if (!reader.places.has(placeKey(path))) reader.places.set(placeKey(path), { key: seenAt?.key ?? value, value });
  if (isAlias(node)) return readNode(reader, followAlias(reader, node), path, { key: seenAt?.key ?? value, value });
  if (isScalar(node)) return node.value;
  if (!isMap(node) && !isSeq(node)) return undefined;
  if (reader.within.has(node)) throw new Stop(ROUND, value);
  reader.within.add(node);
  const read = isSeq(node) ? node.items.map((item, index) => readNode(reader, item, [...path, index])) : readMap(reader, node.items, path);
  reader.within.delete(node);
  return read;
}

function followAlias(reader: Reader, alias: Alias.Parsed): ParsedNode {
  const anchored = alias.resolve(reader.document);
  if (anchored === undefined) throw new Stop({ code: "E_YAML", message: `there is no anchor \`&${alias.source}\`` }, rangeOf(alias));
  return anchored as ParsedNode;
}

function readMap(
  reader: Reader,
  items: readonly { readonly key: ParsedNode; readonly value: ParsedNode | null }[],
  path: Path,
): Record<string, unknown> {
  // Without a prototype: a key called `__proto__` is only an unknown key.
  const record = Object.create(null) as Record<string, unknown>;
  for (const { key, value } of items) {
    const name = isScalar(key) ? String(key.value) : "";
    const keyRange = rangeOf(key);
    const place = { key: keyRange, value: value === null ? keyRange : rangeOf(value) };
    record[name] = readNode(reader, value, [...path, name], place) ?? null;
  }
  return record;
}

function rangeOf(node: ParsedNode | null): Range {
  return node === null ? [0, 0] : [node.range[0], node.range[1]];
}

function placeKey(path: Path): string {
  return path.map(String).join("\0");
}

function placeIn(places: ReadonlyMap<string, Place>, path: Path): Place {
  for (let length = path.length; length >= 0; length--) {
    const place = places.get(placeKey(path.slice(0, length)));
    if (place !== undefined) return place;
  }
  return { key: [0, 0], value: [0, 0] };
}

function emptyTree(): YamlTree {
  return { value: {}, placeOf: () => [0, 0], keyPlaceOf: () => [0, 0] };
}
