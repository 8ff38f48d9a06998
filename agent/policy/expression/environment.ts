import type { HostMatcher } from "./host-matcher.ts";
import type { NetMatcher } from "./net-matcher.ts";
import type { Value } from "./outcome.ts";
import type { CheckedExpression } from "./typed.ts";
import type { Type } from "./value-type.ts";

/** What an attribute may be: its type, and whether it may legitimately be absent. */
export interface AttributeDeclaration {
  readonly type: Type;
  readonly optional: boolean;
}

/** A named set, good for the right side of `in` only. `patterns` is given for sets small enough to be indexed one by one. */
export type NamedSet =
  | { readonly kind: "hosts"; readonly matcher: HostMatcher; readonly patterns?: readonly string[] }
  | { readonly kind: "nets"; readonly matcher: NetMatcher }
  | { readonly kind: "values"; readonly type: Type; readonly values: ReadonlySet<Value> };

/** All that an expression may refer to. The checker asks by name; where the names come from is not its business. */
export interface Environment {
  attribute(path: string): AttributeDeclaration | undefined;
  set(name: string): NamedSet | undefined;
  /** A `let` that was checked before; so a `let` can only use earlier ones, and no circle can be built. */
  letNamed(name: string): CheckedExpression | undefined;
  /** Every name of the three kinds, for "did you mean". Called only when a name is wrong. */
  names(): Iterable<string>;
}

/** Plain maps as an environment; sets and lets may be added while the file is being read. */
export class MapEnvironment implements Environment {
  readonly attributes: Map<string, AttributeDeclaration>;
  readonly sets: Map<string, NamedSet>;
  readonly lets: Map<string, CheckedExpression>;

  constructor(attributes: Iterable<readonly [string, AttributeDeclaration]> = []) {
    this.attributes = new Map(attributes);
    this.sets = new Map();
    this.lets = new Map();
  }

  attribute(path: string): AttributeDeclaration | undefined {
    return this.attributes.get(path);
  }

  set(name: string): NamedSet | undefined {
    return this.sets.get(name);
  }

  letNamed(name: string): CheckedExpression | undefined {
    return this.lets.get(name);
  }

  *names(): Iterable<string> {
    yield* this.attributes.keys();
    yield* this.sets.keys();
    yield* this.lets.keys();
  }
}
