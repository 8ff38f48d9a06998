/**
 * Which rules may speak about a host: section 2.6 of the language's reference. Each rule brings the host patterns of which at least one
 * must match for its condition to be true, or nothing, and then it is looked at for every host.
 *
 * INVARIANT: the index may name a rule too many, never one too few; "removing the index changes nothing" guards it.
 */

/** Patterns in canonical form: `a.b`, `*.b`, `**.b`, `.b`. */
export type NecessaryHosts = readonly string[] | undefined;

/** Rules by the base of their patterns, ascending. */
interface Node {
  exact?: number[];
  one?: number[];
  deep?: number[];
  apex?: number[];
}

export class HostIndex {
  readonly #bases = new Map<string, Node>();
  readonly #any: number[] = [];
  readonly #count: number;

  constructor(rules: readonly NecessaryHosts[]) {
    this.#count = rules.length;
    rules.forEach((patterns, rule) => {
      if (patterns === undefined) this.#any.push(rule);
      else for (const pattern of patterns) this.#add(pattern, rule);
    });
  }

  /** How many rules it knows. */
  get size(): number {
    return this.#count;
  }

  /** The lists of rules that may match the host: at most two and two for each label. An unknown host may be any. */
  collect(host: string | undefined, walk: RuleWalk): void {
    if (host === undefined) return walk.all(this.#count);
    walk.begin();
    walk.add(this.#any);
    if (this.#bases.size === 0) return;
    const firstDot = host.indexOf(".");
    this.#collectWhole(host, walk);
    for (let dot = firstDot; dot >= 0; dot = host.indexOf(".", dot + 1)) {
      const node = this.#bases.get(host.slice(dot + 1));
      if (node === undefined) continue;
      if (dot === firstDot) walk.add(node.one);
      walk.add(node.deep);
      walk.add(node.apex);
    }
  }

  #collectWhole(host: string, walk: RuleWalk): void {
    const node = this.#bases.get(host);
    if (node === undefined) return;
    walk.add(node.exact);
    walk.add(node.apex);
  }

  #add(pattern: string, rule: number): void {
    const { kind, base } = splitPattern(pattern);
    const node = this.#bases.get(base) ?? {};
    this.#bases.set(base, node);
    const list = (node[kind] ??= []);
    if (list.at(-1) !== rule) list.push(rule);
  }
}

function splitPattern(pattern: string): { readonly kind: keyof Node; readonly base: string } {
  if (pattern.startsWith("**.")) return { kind: "deep", base: pattern.slice(3) };
  if (pattern.startsWith("*.")) return { kind: "one", base: pattern.slice(2) };
  if (pattern.startsWith(".")) return { kind: "apex", base: pattern.slice(1) };
  return { kind: "exact", base: pattern };
}

/** Walks several ascending lists as one, without duplicates and without copying; one walk object serves many decisions. */
export class RuleWalk {
  readonly #lists: (readonly number[])[] = [];
  readonly #at: number[] = [];
  #used = 0;
  #next = 0;
  #limit = -1;

  begin(): void {
    this.#used = 0;
    this.#limit = -1;
  }

  add(list: readonly number[] | undefined): void {
    if (list === undefined || list.length === 0) return;
    this.#lists[this.#used] = list;
    this.#at[this.#used] = 0;
    this.#used++;
  }

  /** Every rule from 0 to `count`. */
  all(count: number): void {
    this.#next = 0;
    this.#limit = count;
  }

  /** The next rule in the order of the text, -1 after the last. */
  next(): number {
    if (this.#limit >= 0) return this.#next < this.#limit ? this.#next++ : -1;
    let least = -1;
    for (let i = 0; i < this.#used; i++) {
      const rule = this.#lists[i]?.[this.#at[i] ?? 0];
      if (rule !== undefined && (least < 0 || rule < least)) least = rule;
    }
    for (let i = 0; least >= 0 && i < this.#used; i++) {
      const at = this.#at[i] ?? 0;
      if (this.#lists[i]?.[at] === least) this.#at[i] = at + 1;
    }
    return least;
  }

  /** Forget the lists, so that an idle walk keeps no policy alive. */
  clear(): void {
    this.#lists.length = 0;
    this.begin();
  }
}
