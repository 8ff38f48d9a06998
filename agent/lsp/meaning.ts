import { type Attribute, describeFunctions, type Item, type RequireNode, type Span } from "../policy/index.ts";
import type { PolicyView } from "./policy-view.ts";
import { type Surroundings, surroundingsAt } from "./surroundings.ts";
import { hasMacro, macros, meaningOf } from "./words.ts";

/** What a word of a policy stands for. */
export type Meaning =
  | { readonly kind: "attribute"; readonly attribute: Attribute; readonly at: Span }
  | { readonly kind: "item"; readonly item: Item; readonly at: Span }
  | { readonly kind: "label"; readonly require: RequireNode; readonly at: Span }
  | { readonly kind: "function"; readonly name: string; readonly signatures: readonly string[]; readonly says?: string; readonly at: Span }
  | { readonly kind: "word"; readonly word: string; readonly says: string; readonly at: Span };

/** The meaning of the word at an offset, where it has one. */
export function meaningAt(view: PolicyView, offset: number): Meaning | undefined {
  const found = surroundingsAt(view, offset);
  if (found === undefined || found.word.text === "") return undefined;
  return nameMeaning(view, found) ?? pathMeaning(view, found, offset) ?? wordMeaning(found);
}

const KINDS: Partial<Record<Surroundings["expected"]["kind"], readonly Item["kind"][]>> = {
  rule: ["lifeline", "break_glass", "guard", "policy"],
  fixture: ["fixture"],
  scope: ["break_glass"],
};

function nameMeaning(view: PolicyView, { expected, word, before }: Surroundings): Meaning | undefined {
  if (expected.kind === "name") {
    const item = view.items.find(({ name }) => name.offset === word.offset);
    return item && { kind: "item", item, at: word };
  }
  if (expected.kind === "label") {
    const require = labelsFor(view, before).find(({ label }) => label.text === word.text);
    return require && { kind: "label", require, at: word };
  }
  const kinds = KINDS[expected.kind];
  const item = kinds && view.itemsNamed(word.text, ...kinds)[0];
  return item && { kind: "item", item, at: word };
}

/** The requirements of the rule that the test names with `by`, or of all policies. */
export function labelsFor(view: PolicyView, before: Surroundings["before"]): readonly RequireNode[] {
  const by = before.findLastIndex(({ kind, text }) => kind === "word" && text === "by");
  const start = by < 0 ? undefined : before[by + 1];
  const rule = start && surroundingsAt(view, start.offset)?.word.text;
  const policies = view.items.filter((item) => item.kind === "policy");
  const named = policies.filter(({ name }) => name.text === rule);
  return (named.length > 0 ? named : policies).flatMap(({ requires }) => requires);
}

/** An attribute, set or let, or a function that hangs on one: what counts is the part of the path that the place touches. */
function pathMeaning(view: PolicyView, { expected, word, block }: Surroundings, offset: number): Meaning | undefined {
  if (block === undefined || expected.kind === "words" || expected.kind === "nothing") return undefined;
  const end = word.text.indexOf(".", Math.max(offset - word.offset, 0));
  const touched = end < 0 ? word.text : word.text.slice(0, end);
  const attribute = view.attributes.get(touched) ?? attributeBeginning(view, word.text, touched);
  if (attribute !== undefined) return { kind: "attribute", attribute, at: { offset: word.offset, length: attribute.path.length } };
  const item = expected.kind === "operand" ? view.itemsNamed(touched, "set", "let")[0] : undefined;
  if (item !== undefined) return { kind: "item", item, at: { offset: word.offset, length: touched.length } };
  const name = touched.slice(touched.lastIndexOf(".") + 1);
  return functionMeaning(name, { offset: word.offset + touched.length - name.length, length: name.length });
}

/** The attribute of which only the first part is touched: `device` in `device.patch_age`. */
function attributeBeginning(view: PolicyView, whole: string, touched: string): Attribute | undefined {
  for (let path = whole; path.length > touched.length; path = path.slice(0, Math.max(path.lastIndexOf("."), 0))) {
    const attribute = view.attributes.get(path);
    if (attribute !== undefined) return attribute;
  }
  return undefined;
}

function functionMeaning(name: string, at: Span): Meaning | undefined {
  const macro = [hasMacro, ...macros].find((one) => one.name === name);
  if (macro !== undefined) return { kind: "function", name, signatures: [macro.signature], says: macro.says, at };
  const found = describeFunctions().find((one) => one.name === name);
  return found && { kind: "function", name, signatures: found.signatures, at };
}

function wordMeaning({ word }: Surroundings): Meaning | undefined {
  const says = meaningOf(word.text);
  return says === undefined ? undefined : { kind: "word", word: word.text, says, at: word };
}
