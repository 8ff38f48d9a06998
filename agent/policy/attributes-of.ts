import { itemsOf } from "./compile-policy.ts";
import { declareAttributes } from "./declare-attributes.ts";
import { Diagnostics } from "./diagnostics.ts";
import type { PolicyFile } from "./tree.ts";
import type { AttributeTable } from "./vocabulary.ts";

/** The words that conditions of a text may use, for tools that must help while the text is still wrong: what is wrong is left out. */
export function attributesOf(tree: PolicyFile, text: string): AttributeTable {
  return declareAttributes(itemsOf(tree.items, "attribute"), new Diagnostics("", text));
}
