import type { Workshop } from "./compile-conditions.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { isReservedWord } from "./expression/index.ts";
import type { Item } from "./tree.ts";

/** Kinds whose names live together: a rule's name is its identity in logs and tests, and a condition knows sets and lets by name. */
const SPACES: Readonly<Record<Exclude<Item["kind"], "attribute">, string>> = {
  lifeline: "rule",
  break_glass: "rule",
  guard: "rule",
  policy: "rule",
  route: "rule",
  set: "set or let",
  let: "set or let",
  reveal: "reveal",
  fixture: "fixture",
  test: "test",
};

/** Every name once in its space. */
export function checkNames(items: readonly Item[], diagnostics: Diagnostics): void {
  const seen = new Map<string, number>();
  for (const item of items) {
    if (item.kind === "attribute") continue;
    const space = SPACES[item.kind];
    const key = `${space}\n${item.name.text}`;
    const before = seen.get(key);
    if (before !== undefined) {
      diagnostics.error(
        item.name,
        "E_DUPLICATE",
        `another ${space} is called '${item.name.text}', on line ${diagnostics.lines.lineOf(before)}`,
      );
    } else seen.set(key, item.name.offset);
    if (space === "set or let") checkWord(item, diagnostics);
  }
}

/** Sets and lets are used inside conditions, where a hyphen is a minus and some words have a meaning. */
function checkWord(item: Item, diagnostics: Diagnostics): void {
  const { text } = item.name;
  if (text.includes("-"))
    diagnostics.error(item.name, "E_SYNTAX", `a ${item.kind}'s name has no hyphen`, `write '${text.replaceAll("-", "_")}'`);
  if (isReservedWord(text)) diagnostics.error(item.name, "E_SYNTAX", `'${text}' has a meaning of its own and cannot name a ${item.kind}`);
}

/** Sets, lets and fixtures that nothing uses, and policies that can never be reached. */
export function checkUnused(items: readonly Item[], workshop: Workshop): void {
  const { diagnostics, used } = workshop;
  for (const item of items) {
    if ((item.kind === "set" || item.kind === "let") && !used.has(item.name.text)) {
      diagnostics.warn(item.name, "W_UNUSED", `no condition uses the ${item.kind} '${item.name.text}'`);
    }
  }
  checkReach(items, diagnostics);
}

/** After a policy that always decides, no other is looked at. */
function checkReach(items: readonly Item[], diagnostics: Diagnostics): void {
  let wall: string | undefined;
  for (const item of items) {
    if (item.kind !== "policy") continue;
    if (wall !== undefined)
      diagnostics.warn(item.name, "W_UNREACHABLE", `the policy '${wall}' above decides everything, so this one is never reached`);
    const decides = item.when === undefined && item.requires.every((require) => require.otherwise.kind !== "next");
    if (decides) wall ??= item.name.text;
  }
}
