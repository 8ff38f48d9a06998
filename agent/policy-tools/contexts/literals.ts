import { type Expression, type Item, pathOf, type Policy } from "../../policy/index.ts";

/** A value that a condition compares an attribute with. `part`: it is looked for inside the attribute's text. */
export type Literal =
  | { readonly kind: "text" | "part" | "regex"; readonly value: string }
  | { readonly kind: "number" | "duration"; readonly value: number };

/** By attribute: what some condition compares it with; nothing for one that is only read. */
export type Literals = ReadonlyMap<string, readonly Literal[]>;

/** Every attribute that a policy, or only some of its blocks, read, with the literals that it meets. */
export function literalsOf(policy: Policy, items: readonly Item[], only: readonly Item[] = items): Literals {
  const reader = new LiteralReader(policy, items);
  const wanted = new Set(only);
  for (const item of items) if (wanted.has(item) || item.kind === "let") reader.readItem(item);
  return reader.found();
}

/** What a part of a condition can stand for in a comparison. */
interface Side {
  readonly paths: readonly string[];
  readonly literals: readonly Literal[];
}

const NOTHING: Side = { paths: [], literals: [] };
const ARITHMETIC: ReadonlySet<string> = new Set(["+", "-", "*", "/", "%", "??"]);

class LiteralReader {
  readonly #found = new Map<string, Map<string, Literal>>();
  readonly #policy: Policy;
  readonly #sets: ReadonlyMap<string, readonly Literal[]>;
  readonly #lets = new Map<string, Side>();

  constructor(policy: Policy, items: readonly Item[]) {
    this.#policy = policy;
    this.#sets = new Map(
      items.flatMap((item) =>
        item.kind === "set" ? [[item.name.text, item.entries.map(({ text }) => ({ kind: "text", value: text }))]] : [],
      ),
    );
  }

  found(): Literals {
    return new Map([...this.#found].map(([path, literals]) => [path, [...literals.values()]]));
  }

  readItem(item: Item): void {
    if (item.kind === "let") this.#lets.set(item.name.text, this.#read(item.value, new Map()));
    else for (const condition of conditionsOf(item)) this.#read(condition, new Map());
    if (item.kind === "lifeline") this.#readTarget(item.target.text);
    if (item.kind !== "reveal") return;
    for (const target of item.lines.flatMap(({ what }) => what)) if (target.kind === "path") this.#note(target.path, []);
  }

  #readTarget(target: string): void {
    const colon = target.lastIndexOf(":");
    this.#note("request.host", [{ kind: "text", value: target.slice(0, colon) }]);
    this.#note("request.port", [{ kind: "number", value: Number(target.slice(colon + 1)) }]);
  }

  #note(path: string, literals: readonly Literal[]): void {
    const known = this.#found.get(path) ?? new Map<string, Literal>();
    this.#found.set(path, known);
    for (const literal of literals) known.set(`${literal.kind} ${literal.value}`, literal);
  }

  /** Read a part and note what it compares. `locals`: a macro's variable stands for what the macro runs over. */
  #read(node: Expression, locals: ReadonlyMap<string, Side>): Side {
    const literal = literalAt(node);
    if (literal !== undefined) return { paths: [], literals: [literal] };
    if (node.kind === "name" || node.kind === "select") return this.#readName(node, locals);
    if (node.kind === "call") return this.#readCall(node, locals);
    return node.kind === "binary" ? this.#readBinary(node, locals) : this.#readParts(node, locals);
  }

  #readName(node: Extract<Expression, { readonly kind: "name" | "select" }>, locals: ReadonlyMap<string, Side>): Side {
    const path = pathOf(node);
    if (path !== undefined) {
      const local = locals.get(path) ?? this.#lets.get(path);
      if (local !== undefined) return local;
      const entries = this.#sets.get(path);
      if (entries !== undefined) return { paths: [], literals: entries };
      if (this.#policy.attributes.has(path)) {
        this.#note(path, []);
        return { paths: [path], literals: [] };
      }
    }
    return node.kind === "select" ? this.#read(node.target, locals) : NOTHING;
  }

  #readBinary(node: Extract<Expression, { readonly kind: "binary" }>, locals: ReadonlyMap<string, Side>): Side {
    const left = this.#read(node.left, locals);
    const right = this.#read(node.right, locals);
    this.#pair(left, right);
    return ARITHMETIC.has(node.operator) ? join([left, right]) : NOTHING;
  }

  #readCall(node: Extract<Expression, { readonly kind: "call" }>, locals: ReadonlyMap<string, Side>): Side {
    const target = node.target === undefined ? NOTHING : this.#read(node.target, locals);
    const [variable] = node.items;
    const isMacro = node.items.length > 1 && variable?.kind === "name" && !this.#policy.attributes.has(variable.name);
    const inner = isMacro ? new Map([...locals, [variable.name, target]]) : locals;
    const sides = node.items.slice(isMacro ? 1 : 0).map((item) => this.#read(item, inner));
    const looked = { paths: [], literals: sides.flatMap(({ literals }) => literals.map(asPart)) };
    this.#pair(target, node.name === "matches" ? regexes(looked) : looked);
    return join([target, ...sides]);
  }

  #readParts(node: Expression, locals: ReadonlyMap<string, Side>): Side {
    const sides = partsOf(node).map((part) => this.#read(part, locals));
    return node.kind === "list" || node.kind === "map" || node.kind === "index" ? join(sides) : NOTHING;
  }

  #pair(left: Side, right: Side): void {
    for (const path of left.paths) this.#note(path, right.literals);
    for (const path of right.paths) this.#note(path, left.literals);
  }
}

function conditionsOf(item: Item): readonly Expression[] {
  const when = "when" in item && item.when !== undefined ? [item.when] : [];
  return item.kind === "policy" ? [...when, ...item.requires.map(({ condition }) => condition)] : when;
}

function literalAt(node: Expression): Literal | undefined {
  if (node.kind === "string") return { kind: "text", value: node.value };
  if (node.kind === "regex") return { kind: "regex", value: node.value };
  if (node.kind === "duration") return { kind: "duration", value: node.value };
  return node.kind === "int" || node.kind === "double" ? { kind: "number", value: node.value } : undefined;
}

function asPart(literal: Literal): Literal {
  return literal.kind === "text" ? { kind: "part", value: literal.value } : literal;
}

function regexes({ paths, literals }: Side): Side {
  return { paths, literals: literals.map((literal) => (literal.kind === "part" ? { kind: "regex", value: literal.value } : literal)) };
}

function join(sides: readonly Side[]): Side {
  return { paths: sides.flatMap(({ paths }) => paths), literals: sides.flatMap(({ literals }) => literals) };
}

function partsOf(node: Expression): readonly Expression[] {
  if (node.kind === "and" || node.kind === "or" || node.kind === "list") return node.items;
  if (node.kind === "not" || node.kind === "negate") return [node.operand];
  if (node.kind === "conditional") return [node.test, node.yes, node.no];
  if (node.kind === "index") return [node.target, node.index];
  if (node.kind === "map") return node.entries.flatMap(({ key, value }) => [key, value]);
  return [];
}
