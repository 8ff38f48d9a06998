import {
  type ActionNode,
  formatExpression,
  formatStringLiteral,
  type GuardBlock,
  type Item,
  parsePolicy,
  type PolicyBlock,
  type RequireNode,
  type RevealBlock,
  type RevealLine,
  type RouteBlock,
  type Span,
  type Word,
} from "../../policy/index.ts";
import { mutateCondition } from "./mutate-condition.ts";
import type { Mutation } from "./mutation.ts";

/** Every mutation of a policy's rules; its tests and what no test can see (log levels, lifetimes, ages) stay as they are. */
export function mutatePolicy(text: string): readonly Mutation[] {
  const { items } = parsePolicy(text).tree;
  return [...items.flatMap((item) => mutateItem(item, text)), ...swapPolicies(items, text)];
}

function mutateItem(item: Item, text: string): readonly Mutation[] {
  switch (item.kind) {
    case "let":
      return mutateCondition(item.value);
    case "set":
      return dropWords(item.entries);
    case "lifeline":
      return [drop(item)];
    case "break_glass":
      return [drop(item), ...mutateCondition(item.when)];
    case "guard":
      return mutateGuard(item, text);
    case "policy":
      return mutateBlock(item, text);
    case "route":
      return mutateRoute(item);
    case "reveal":
      return mutateReveal(item, text);
    case "attribute":
    case "fixture":
    case "test":
      return [];
  }
}

function drop({ kind, name, at }: Pick<Item, "kind" | "name" | "at">): Mutation {
  return { ...spanOf(at), replacement: "", says: `without ${kind} '${name.text}'` };
}

function spanOf({ offset, length }: Span): Span {
  return { offset, length };
}

/** Each word of a list left out. */
function dropWords(words: readonly Word[]): readonly Mutation[] {
  const [first, last] = [words[0], words.at(-1)];
  if (first === undefined || last === undefined) return [];
  const span = { offset: first.offset, length: last.offset + last.length - first.offset };
  return words.map((word, index) => ({
    ...span,
    replacement: words
      .filter((_, at) => at !== index)
      .map((other) => formatStringLiteral(other.text))
      .join(", "),
    says: `without ${formatStringLiteral(word.text)}`,
  }));
}

function mutateGuard(guard: GuardBlock & { readonly kind: "guard" }, text: string): readonly Mutation[] {
  const { always, when, action, onUnknown, at } = guard;
  const word = always ? text.indexOf("always", guard.name.offset + guard.name.length) : -1;
  return [
    drop(guard),
    ...(word < 0 || word > at.offset + at.length
      ? []
      : [{ offset: word, length: "always".length, replacement: "", says: "without 'always'" }]),
    ...mutateCondition(when),
    changeAction(action, action.kind === "deny" ? "challenge confirm" : "deny"),
    ...(onUnknown?.kind === "skip" ? [{ ...spanOf(onUnknown.at), replacement: "deny", says: "on_unknown skip -> deny" }] : []),
  ];
}

function changeAction(action: ActionNode, replacement: string): Mutation {
  return { ...spanOf(action.at), replacement, says: `${action.kind} -> ${replacement}` };
}

function mutateBlock(policy: PolicyBlock & { readonly kind: "policy" }, text: string): readonly Mutation[] {
  const { when, requires, action } = policy;
  return [
    drop(policy),
    ...(when === undefined ? [] : mutateCondition(when)),
    ...requires.flatMap((require) => mutateRequire(require, text)),
    changeAction(action, action.kind === "deny" ? "allow" : "deny"),
  ];
}

function mutateRequire({ label, condition, otherwise, at }: RequireNode, text: string): readonly Mutation[] {
  const head = text.slice(at.offset, condition.offset);
  const replace = (action: string, says: string): Mutation => ({
    ...spanOf(at),
    replacement: `${head}${formatExpression(condition)} else ${action}`,
    says,
  });
  return [
    { ...spanOf(at), replacement: "", says: `without require '${label.text}'` },
    ...mutateCondition(condition),
    ...(otherwise.kind === "next" ? [] : [replace("next", `require '${label.text}': else ${otherwise.kind} -> next`)]),
    ...(otherwise.kind === "deny" ? [] : [replace("deny", `require '${label.text}': else ${otherwise.kind} -> deny`)]),
  ];
}

function mutateRoute(route: RouteBlock & { readonly kind: "route" }): readonly Mutation[] {
  const { use } = route;
  return [
    drop(route),
    ...(route.when === undefined ? [] : mutateCondition(route.when)),
    ...(use.length > 1 ? dropWords(use) : []),
    ...(use.length > 1 ? [reverse(use)] : []),
  ];
}

function reverse(words: readonly Word[]): Mutation {
  const [first, last] = [words[0], words.at(-1)];
  const offset = first?.offset ?? 0;
  return {
    offset,
    length: (last?.offset ?? 0) + (last?.length ?? 0) - offset,
    replacement: words
      .toReversed()
      .map(({ text }) => formatStringLiteral(text))
      .join(", "),
    says: "ways out in the other order",
  };
}

function mutateReveal(reveal: RevealBlock & { readonly kind: "reveal" }, text: string): readonly Mutation[] {
  const { when, lines } = reveal;
  return [drop(reveal), ...(when === undefined ? [] : mutateCondition(when)), ...lines.flatMap((line) => mutateLine(line, text))];
}

/** Each target left out of its line, and hidden things shown. */
function mutateLine({ how, what }: RevealLine, text: string): readonly Mutation[] {
  const [first, last] = [what[0], what.at(-1)];
  if (first === undefined || last === undefined) return [];
  const words = text.slice(0, first.at.offset).trimEnd();
  const line = { offset: words.length - how.length, length: last.at.offset + last.at.length - (words.length - how.length) };
  const wordsOf = (targets: typeof what): string => targets.map(({ at }) => text.slice(at.offset, at.offset + at.length)).join(", ");
  const without = what.map((target) => {
    const rest = what.filter((other) => other !== target);
    return { ...line, replacement: rest.length === 0 ? "" : `${how} ${wordsOf(rest)}`, says: `${how} without ${wordsOf([target])}` };
  });
  const other = how === "hide" ? "show" : "hide";
  return [...without, { ...line, replacement: `${other} ${wordsOf(what)}`, says: `${how} -> ${other}: ${wordsOf(what)}` }];
}

/** Each policy in the other order with the next one. */
function swapPolicies(items: readonly Item[], text: string): readonly Mutation[] {
  const policies = items.filter((item) => item.kind === "policy");
  return policies.slice(1).map((second, index) => {
    const first = policies[index] ?? second;
    const source = ({ at }: Item): string => text.slice(at.offset, at.offset + at.length);
    const between = text.slice(first.at.offset + first.at.length, second.at.offset);
    return {
      offset: first.at.offset,
      length: second.at.offset + second.at.length - first.at.offset,
      replacement: source(second) + between + source(first),
      says: `policy '${second.name.text}' before '${first.name.text}'`,
    };
  });
}
