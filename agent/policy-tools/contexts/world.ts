import type { Fact } from "../../connection/index.ts";
import { type Attribute, factsOfTest, parsePolicy, type Policy } from "../../policy/index.ts";
import { factsAround } from "./attribute-values.ts";
import { changedItems } from "./changed-items.ts";
import { type Literal, type Literals, literalsOf } from "./literals.ts";

/** What is tried for one attribute; the scope of a break-glass token counts as one. */
export interface Dimension {
  readonly attribute: string;
  readonly facts: readonly Fact[];
  /** So many of the first facts come from blocks in which the policies differ. */
  readonly focus: number;
}

/** Not an attribute of the language: the scope that a token opens. */
export const breakGlassKey = "(break_glass)";

/** Every value worth trying for every attribute that one of these policies reads. */
export interface World {
  readonly dimensions: ReadonlyMap<string, Dimension>;
  /** The facts of the tests that the policies carry: places from where to look around. */
  readonly examples: readonly ReadonlyMap<string, Fact>[];
}

export function worldOf(policies: readonly Policy[]): World {
  const literals = new Map<string, Literal[]>();
  const focus = new Map<string, Literal[]>();
  const attributes = new Map<string, Attribute>();
  const trees = policies.map((policy) => parsePolicy(policy.text).tree.items);
  for (const [index, policy] of policies.entries()) {
    const items = trees[index] ?? [];
    gather(literals, literalsOf(policy, items));
    if (policies.length === 2) gather(focus, literalsOf(policy, items, changedItems(policies, trees, index)));
    for (const attribute of policy.attributes.values()) attributes.set(attribute.path, attribute);
  }
  const dimensions = new Map<string, Dimension>();
  for (const path of new Set(["request.host", "request.port", ...literals.keys()])) {
    const attribute = attributes.get(path);
    if (attribute === undefined || attribute.group === "decision") continue;
    dimensions.set(path, { attribute: path, ...factsAround(attribute, literals.get(path) ?? [], focus.get(path)) });
  }
  const scopes = new Set(policies.flatMap((policy) => policy.breakGlass.map(({ name }) => name)));
  if (scopes.size > 0)
    dimensions.set(breakGlassKey, { attribute: breakGlassKey, focus: 0, facts: [{ kind: "absent" }, ...[...scopes].map(known)] });
  return { dimensions, examples: policies.flatMap((policy) => policy.program.tests.map((test) => factsOfTest(policy, test))) };
}

function gather(into: Map<string, Literal[]>, found: Literals): void {
  for (const [path, literals] of found) {
    const known = into.get(path) ?? [];
    into.set(path, known);
    for (const literal of literals) known.push(literal);
  }
}

function known(value: string): Fact {
  return { kind: "known", value };
}
