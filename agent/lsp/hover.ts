import { code, describeAttribute, describeItem, markdown } from "./describe.ts";
import { type Meaning, meaningAt } from "./meaning.ts";
import type { PolicyView } from "./policy-view.ts";
import type { Hover } from "./protocol.ts";

/** What the word at an offset means. */
export function hoverAt(view: PolicyView, offset: number): Hover | null {
  const meaning = meaningAt(view, offset);
  if (meaning === undefined) return null;
  return { contents: markdown(...describe(view, meaning)), range: view.lines.rangeOf(meaning.at) };
}

function describe(view: PolicyView, meaning: Meaning): readonly string[] {
  switch (meaning.kind) {
    case "attribute":
      return describeAttribute(meaning.attribute);
    case "item":
      return describeItem(view, meaning.item);
    case "label":
      return [code(view.textOf(meaning.require.at))];
    case "function":
      return [code(meaning.signatures.join("\n")), meaning.says ?? ""];
    case "word":
      return [`**${meaning.word}**`, meaning.says];
  }
}
