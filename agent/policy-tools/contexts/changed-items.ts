import type { Item, Policy } from "../../policy/index.ts";

/** More changed names than this, and every rule counts as changed that is. */
const MAX_NAMES = 50;

/** The blocks of one of two policies that the other does not have as they are, and those that use a set or let which changed. */
export function changedItems(policies: readonly Policy[], trees: readonly (readonly Item[])[], index: number): readonly Item[] {
  const others = new Set((trees[1 - index] ?? []).map((item) => sourceOf(policies[1 - index], item)));
  const own = trees[index] ?? [];
  const changed = own.filter((item) => !others.has(sourceOf(policies[index], item)));
  const names = changed.filter(({ kind }) => kind === "set" || kind === "let").map(({ name }) => name.text);
  if (names.length === 0 || names.length > MAX_NAMES) return changed;
  const use = new RegExp(`\\b(?:${names.join("|")})\\b`);
  const known = new Set(changed);
  return own.filter((item) => known.has(item) || (item.kind !== "test" && use.test(sourceOf(policies[index], item))));
}

function sourceOf(policy: Policy | undefined, { at }: Item): string {
  return policy?.text.slice(at.offset, at.offset + at.length).replaceAll(/\s+/g, " ") ?? "";
}
