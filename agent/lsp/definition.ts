import type { Span } from "../policy/index.ts";
import { type Meaning, meaningAt } from "./meaning.ts";
import type { PolicyView } from "./policy-view.ts";
import type { Location } from "./protocol.ts";

/** Where the thing that the word at an offset names is written. What is built in has no place. */
export function definitionAt(view: PolicyView, offset: number): Location | null {
  const meaning = meaningAt(view, offset);
  const at = meaning && placeOf(view, meaning);
  return at === undefined ? null : { uri: view.uri, range: view.lines.rangeOf(at) };
}

function placeOf(view: PolicyView, meaning: Meaning): Span | undefined {
  switch (meaning.kind) {
    case "attribute":
      return view.itemsNamed(meaning.attribute.path, "attribute")[0]?.name;
    case "item":
      return meaning.item.name;
    case "label":
      return meaning.require.label;
    case "function":
    case "word":
      return undefined;
  }
}
