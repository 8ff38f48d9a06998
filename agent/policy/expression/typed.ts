import type { HostMatcher } from "./host-matcher.ts";
import type { NetMatcher } from "./net-matcher.ts";
import type { Outcome, Value } from "./outcome.ts";
import type { Span } from "./problem.ts";
import type { Type } from "./value-type.ts";

/** What a function of the language does once its arguments are plain values. */
export type Run = (...values: readonly Value[]) => Outcome;

/** A function of the language for one list of parameter types. */
export interface Overload {
  readonly name: string;
  readonly result: Type;
  readonly run: Run;
}

export type Macro = "all" | "exists" | "exists_one" | "filter" | "map";

export type Ordering = "<" | "<=" | ">" | ">=";

/** The tree after checking: every name is resolved, every function chosen, every pattern compiled. */
export type Typed = Span & { readonly type: Type } & (
    | { readonly kind: "constant"; readonly value: Value }
    | { readonly kind: "attribute"; readonly path: string; readonly optional: boolean }
    | { readonly kind: "let"; readonly name: string; readonly checked: CheckedExpression }
    /** A macro's variable; `index` counts the macros around it, the outermost is 0. */
    | { readonly kind: "local"; readonly name: string; readonly index: number }
    | { readonly kind: "and" | "or"; readonly items: readonly Typed[] }
    | { readonly kind: "not"; readonly operand: Typed }
    | { readonly kind: "conditional"; readonly test: Typed; readonly yes: Typed; readonly no: Typed }
    | { readonly kind: "equal"; readonly negated: boolean; readonly left: Typed; readonly right: Typed }
    | { readonly kind: "order"; readonly operator: Ordering; readonly left: Typed; readonly right: Typed }
    | { readonly kind: "call"; readonly overload: Overload; readonly items: readonly Typed[] }
    | { readonly kind: "list"; readonly items: readonly Typed[] }
    | { readonly kind: "map"; readonly entries: readonly { readonly key: Typed; readonly value: Typed }[] }
    /** `map.key`, `map["key"]`, `list[0]`. */
    | { readonly kind: "entry"; readonly target: Typed; readonly key: Typed }
    /** `has(attribute)`. */
    | { readonly kind: "present"; readonly path: string }
    /** `has(map.key)`; an absent optional map has no key. */
    | { readonly kind: "has-key"; readonly target: Typed; readonly key: string }
    /** `left ?? right`. */
    | { readonly kind: "default"; readonly left: Typed; readonly right: Typed }
    /** `x in list`, `x in map`, `x in set`. */
    | { readonly kind: "member"; readonly item: Typed; readonly container: Typed }
    | { readonly kind: "value-set"; readonly item: Typed; readonly values: ReadonlySet<Value>; readonly setName?: string }
    | {
        readonly kind: "host-match";
        readonly item: Typed;
        readonly matcher: HostMatcher;
        /** Left out for sets too large to be listed. */
        readonly patterns?: readonly string[];
        readonly setName?: string;
      }
    | { readonly kind: "net-match"; readonly item: Typed; readonly matcher: NetMatcher; readonly setName?: string }
    | {
        readonly kind: "regex";
        readonly item: Typed;
        readonly pattern: string;
        readonly whole: boolean;
        readonly test: (text: string) => boolean;
      }
    | {
        readonly kind: "comprehension";
        readonly macro: Macro;
        readonly source: Typed;
        readonly index: number;
        /** The predicate; `map` with two arguments has none. */
        readonly predicate: Typed | undefined;
        /** What `map` makes of each entry. */
        readonly transform: Typed | undefined;
      }
  );

/** An expression that can be compiled: its type, and its worst cost. */
export interface CheckedExpression {
  readonly tree: Typed;
  readonly type: Type;
  /** Steps of one evaluation in the worst case, the `let`s included, each once: a frame remembers them. */
  readonly cost: number;
  /** The same without the `let`s. */
  readonly ownCost: number;
  /** Every `let` that it uses, directly or through others. */
  readonly lets: ReadonlySet<CheckedExpression>;
  /** For a list or map, the most entries it can have; 1 otherwise. */
  readonly entries: number;
  /** How many `let`s stand on each other below this one; 0 without any. */
  readonly level: number;
}
