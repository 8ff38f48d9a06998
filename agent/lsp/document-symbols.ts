import type { Item, Span } from "../policy/index.ts";
import { actionOf } from "./describe.ts";
import type { PolicyView } from "./policy-view.ts";
import type { DocumentSymbol } from "./protocol.ts";

/** Language Server Protocol 3.17, "SymbolKind": the nearest that it has. */
const KINDS: Readonly<Record<Item["kind"], number>> = {
  attribute: 8,
  set: 18,
  let: 13,
  lifeline: 14,
  guard: 24,
  policy: 12,
  route: 9,
  break_glass: 24,
  reveal: 11,
  fixture: 19,
  test: 6,
};
const KEY = 20;

/** The blocks in the order of the text, a policy's requirements below it. */
export function documentSymbols(view: PolicyView): readonly DocumentSymbol[] {
  return view.items.map((item) => ({
    ...symbolOf(view, { name: item.name.text, detail: detailOf(view, item), kind: KINDS[item.kind] }, [item.at, item.name]),
    ...(item.kind === "policy" && {
      children: item.requires.map((require) =>
        symbolOf(view, { name: require.label.text, detail: "require", kind: KEY }, [require.at, require.label]),
      ),
    }),
  }));
}

type Shown = Pick<DocumentSymbol, "name" | "detail" | "kind">;

/** Editors refuse a symbol without a name. */
function symbolOf(view: PolicyView, shown: Shown, [whole, name]: readonly [whole: Span, name: Span]): DocumentSymbol {
  const { lines } = view;
  return { ...shown, name: shown.name.trim() || "unnamed", range: lines.rangeOf(whole), selectionRange: lines.rangeOf(name) };
}

function detailOf(view: PolicyView, item: Item): string {
  if (item.kind === "guard" || item.kind === "policy") return `${item.kind}: ${actionOf(view, item)}`;
  return item.kind === "reveal" ? `reveal to ${item.to.text}` : item.kind;
}
