import { english } from "./english/index.ts";

/** What every language must have: the compiler demands each sentence. */
export type Catalogue = typeof english;

export const catalogues = { en: english } as const satisfies Record<string, Catalogue>;
export type Language = keyof typeof catalogues;

/** The best language that exists for a wish and what the system prefers, in its order. */
export function selectLanguage(wish: string, preferred: readonly string[]): Language {
  const wanted = wish === "system" ? preferred : [wish];
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0] ?? "";
    if (Object.hasOwn(catalogues, language)) return language as Language;
  }
  return "en";
}
