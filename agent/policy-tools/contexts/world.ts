import type { Fact } from "../../connection/index.ts";
import { type Attribute, factsOfTest, type Policy } from "../../policy/index.ts";
import { factsAround } from "./attribute-values.ts";
import { type Literal, literalsOf } from "./literals.ts";

/** What is tried for one attribute; the scope of a break-glass token counts as one. */
export interface Dimension {
  readonly attribute: string;
  readonly facts: readonly Fact[];
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
  const attributes = new Map<string, Attribute>();
  for (const policy of policies) {
    for (const [path, found] of literalsOf(policy)) literals.set(path, [...(literals.get(path) ?? []), ...found]);
    for (const attribute of policy.attributes.values()) attributes.set(attribute.path, attribute);
  }
  const dimensions = new Map<string, Dimension>();
  for (const path of new Set(["request.host", "request.port", ...literals.keys()])) {
    const attribute = attributes.get(path);
    if (attribute === undefined || attribute.group === "decision") continue;
    dimensions.set(path, { attribute: path, facts: factsAround(attribute, literals.get(path) ?? []) });
  }
  const scopes = new Set(policies.flatMap((policy) => policy.breakGlass.map(({ name }) => name)));
  if (scopes.size > 0) dimensions.set(breakGlassKey, { attribute: breakGlassKey, facts: [{ kind: "absent" }, ...[...scopes].map(known)] });
  return { dimensions, examples: policies.flatMap((policy) => policy.program.tests.map((test) => factsOfTest(policy, test))) };
}

function known(value: string): Fact {
  return { kind: "known", value };
}
